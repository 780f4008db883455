// Planes that are stored column by column, as MATLAB does; STL-10 and SVHN are.
// Tests    ImagesTests/STL10Tests.swift, ImagesTests/SVHNTests.swift

/// Pictures from MATLAB.
enum ColumnMajor {
  /// The planes of a picture row by row, channels × height × width, from channels × width × height.
  static func rowMajor(_ planes: ArraySlice<UInt8>, size: ImageSize) -> [UInt8] {
    let (height, width, source) = (size.height, size.width, planes.span)
    return [UInt8](capacity: planes.count) { result in
      for first in stride(from: 0, to: source.count, by: height * width) {
        for y in 0..<height { for x in 0..<width { result.append(source[first + x * height + y]) } }
      }
    }
  }
}
