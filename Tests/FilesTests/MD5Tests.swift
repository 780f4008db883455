import Files
import Testing

@Suite("MD5")
struct MD5Tests {
  // The test suite of RFC 1321, appendix A.5.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    (
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"
    ),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func goldenKnownAnswers(text: String, digest: String) {
    var whole = MD5()
    whole.update(Array(text.utf8)[...])
    #expect(whole.hexDigest() == digest)
    // In pieces of 7 bytes.
    var pieces = MD5()
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: 7) { pieces.update(bytes[start..<min(bytes.count, start + 7)]) }
    #expect(pieces.hexDigest() == digest)
  }
}
