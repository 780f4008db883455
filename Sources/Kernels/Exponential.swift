import Foundation

extension Float { public static func exp(_ x: Float) -> Float { Foundation.exp(x) } }
extension Double { public static func exp(_ x: Double) -> Double { Foundation.exp(x) } }
