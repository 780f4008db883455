"""The high-precision witness: every operation straight from its definition, one module per area.

Nothing here is taken from the Swift package and no formula of a gradient appears. A gradient is a central difference of
the scalar <cotangent, output>, or of the loss, in at least 60 digits (see arithmetic.gradient); where the scalar is
linear in the moved number, F(e_i) in exact rational numbers (see contraction.trilinear).
"""
