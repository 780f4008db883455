import Foundation

extension Float { public static func log(_ x: Float) -> Float { Foundation.log(x) } }
extension Double { public static func log(_ x: Double) -> Double { Foundation.log(x) } }
