// The order in which people list files: runs of digits count as numbers, so that img2 stands before img10.
//
// Tests    ImagesTests/NaturalOrderTests.swift
import Foundation

/// The natural order of names.
public enum NaturalOrder {
  /// Names in natural order.
  ///
  /// Names compare by the scalars of their canonical decomposition (Unicode, NFD), except that a run of the digits 0 to 9 is
  /// one number. What then is equal (07 and 7, or one letter encoded in two ways) compares by its bytes, so that the
  /// order of different names is always defined.
  public static func sorted(_ names: [String]) -> [String] {
    names.map { (key: key($0), name: $0) }
      .sorted {
        $0.key == $1.key
          ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.key.lexicographicallyPrecedes($1.key)
      }
      .map(\.name)
  }

  /// Scalars; a number is the scalar "0", how many digits it has without leading zeros, and these digits.
  ///
  /// So numbers of more digits are larger, and every number stands where a digit stands among other characters.
  private static func key(_ name: String) -> [UInt32] {
    let digits: ClosedRange<UInt32> = 48...57
    var key: [UInt32] = []
    var number: [UInt32]?
    for scalar in name.decomposedStringWithCanonicalMapping.unicodeScalars.map(\.value) + [0] {
      if digits.contains(scalar) {
        number = (number ?? []) + (scalar == 48 && (number ?? []).isEmpty ? [] : [scalar])
        continue
      }
      if let digits = number { key += [48, UInt32(digits.count)] + digits }
      number = nil
      key.append(scalar)
    }
    return key
  }
}
