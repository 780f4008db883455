"""Convolutions by Winograd's minimal filtering or by Fourier transforms, as fast libraries compute them.

A dispatch mode replaces every 3 x 3 convolution of stride 1 (Winograd) or every kernel larger than 1 x 1 (Fourier) and
both of its gradients, below autograd; all others stay as they are. The matrices are those of Lavin and Gray, "Fast
Algorithms for Convolutional Neural Networks", 2016.
"""
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten

# A^T, G and B^T of F(m x m, 3 x 3).
MATRICES = {
    "winograd-2": (
        [[1, 1, 1, 0], [0, 1, -1, -1]],
        [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]),
    "winograd-4": (
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
        [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
         [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
        [[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
         [0, 4, 0, -5, 0, 1]]),
}
METHODS = [*MATRICES, "fft"]


class Winograd:
    """F(m x m, 3 x 3), stride 1."""

    def __init__(self, method):
        self.matrices = MATRICES[method]

    def covers(self, weight, stride):
        return tuple(weight.shape[2:]) == (3, 3) and list(stride) == [1, 1]

    def typed(self, x):
        return (torch.tensor(matrix, dtype=x.dtype) for matrix in self.matrices)

    def patches(self, x, rows, columns, padding, side, step):
        """Patches of `side` pixels, `step` apart, of a padded image: batch, channels, rows, columns, side, side."""
        height, width = ((count - 1) * step + side - padding for count in (rows, columns))
        padded = F.pad(x, (padding, width - x.shape[3], padding, height - x.shape[2]))
        return padded.unfold(2, side, step).unfold(3, side, step)

    def forward(self, x, weight, stride, padding):
        output, kernel, data = self.typed(x)
        m, t = output.shape
        height, width = (x.shape[d] + 2 * padding - 2 for d in (2, 3))
        rows, columns = -(-height // m), -(-width // m)
        u = torch.einsum("pr,ocrs,qs->ocpq", kernel, weight, kernel)
        v = torch.einsum("pr,ncijrs,qs->ncijpq", data, self.patches(x, rows, columns, padding, t, m), data)
        tiles = torch.einsum("ap,noijpq,bq->noijab", output, torch.einsum("ocpq,ncijpq->noijpq", u, v), output)
        y = tiles.permute(0, 1, 2, 4, 3, 5).reshape(x.shape[0], weight.shape[0], rows * m, columns * m)
        return y[:, :, :height, :width]

    def input_gradient(self, gradient, x, weight, stride, padding):
        """The forward map of the gradient with turned kernels."""
        return self.forward(gradient, weight.flip(2, 3).transpose(0, 1), stride, 2 - padding)

    def weight_gradient(self, gradient, x, weight, stride, padding):
        """The transposed map."""
        output, kernel, data = self.typed(x)
        m, t = output.shape
        rows, columns = (-(-gradient.shape[d] // m) for d in (2, 3))
        u = torch.einsum("ap,noijab,bq->noijpq", output, self.patches(gradient, rows, columns, 0, m, m), output)
        v = torch.einsum("pr,ncijrs,qs->ncijpq", data, self.patches(x, rows, columns, padding, t, m), data)
        return torch.einsum("pr,ocpq,qs->ocrs", kernel, torch.einsum("noijpq,ncijpq->ocpq", u, v), kernel)


class Fourier:
    """Products of spectra on the padded image."""

    def covers(self, weight, stride):
        return weight.shape[2] * weight.shape[3] > 1

    def spectra(self, x, weight, padding):
        self.size = [x.shape[d] + 2 * padding for d in (2, 3)]
        return torch.fft.rfft2(F.pad(x, [padding] * 4)), torch.fft.rfft2(weight, s=self.size)

    def spread(self, gradient, stride):
        """The spectrum of a gradient whose pixels lie `stride` apart."""
        plane = gradient.new_zeros(*gradient.shape[:2], *self.size)
        ends = [(gradient.shape[d] - 1) * stride[d - 2] + 1 for d in (2, 3)]
        plane[:, :, :ends[0]:stride[0], :ends[1]:stride[1]] = gradient
        return torch.fft.rfft2(plane)

    def back(self, spectrum):
        return torch.fft.irfft2(spectrum, s=self.size)

    def forward(self, x, weight, stride, padding):
        images, kernels = self.spectra(x, weight, padding)
        plane = self.back(torch.einsum("nchw,ochw->nohw", images, kernels.conj_physical()))
        ends = [self.size[d] - weight.shape[d + 2] + 1 for d in (0, 1)]
        return plane[:, :, :ends[0]:stride[0], :ends[1]:stride[1]]

    def input_gradient(self, gradient, x, weight, stride, padding):
        _, kernels = self.spectra(x, weight, padding)
        plane = self.back(torch.einsum("nohw,ochw->nchw", self.spread(gradient, stride), kernels))
        return plane[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]]

    def weight_gradient(self, gradient, x, weight, stride, padding):
        images, _ = self.spectra(x, weight, padding)
        plane = self.back(torch.einsum("nchw,nohw->ochw", images, self.spread(gradient, stride).conj_physical()))
        return plane[:, :, :weight.shape[2], :weight.shape[3]]


class ConvolutionsBy(TorchDispatchMode):
    """Computes convolutions by a method while it is active; backward passes must lie within, too."""

    def __init__(self, method):
        super().__init__()
        self.method = Fourier() if method == "fft" else Winograd(method)

    def __torch_dispatch__(self, operator, types, arguments=(), keywords=None):
        if operator is aten.convolution.default:
            x, weight, bias, stride, padding = arguments[:5]
            if self.method.covers(weight, stride):
                y = self.method.forward(x, weight, stride, padding[0])
                return (y if bias is None else y + bias[:, None, None]).contiguous()
        if operator is aten.convolution_backward.default:
            gradient, x, weight, _, stride, padding = arguments[:6]
            if self.method.covers(weight, stride):
                of_input, of_weight, of_bias = arguments[-1]
                rest = (gradient, x, weight, stride, padding[0])
                return (
                    self.method.input_gradient(*rest).contiguous() if of_input else None,
                    self.method.weight_gradient(*rest).contiguous() if of_weight else None,
                    gradient.sum([0, 2, 3]) if of_bias else None)
        return operator(*arguments, **(keywords or {}))
