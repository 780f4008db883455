"""Writes the fixtures of this folder: small files of image formats, and what they hold, by programs that share nothing with
this package: Pillow and SciPy write and read what they can; PNG files of kinds that Pillow does not write are put together
here, from the standard, and their pixels come from the arrays that they were made of.

    python formats.py          (NumPy, Pillow, SciPy)
"""

import base64, hashlib, io, json, os, struct, zlib

import numpy
import PIL
import scipy
from PIL import Image
from scipy.io import savemat

HERE = os.path.dirname(os.path.abspath(__file__))
random = numpy.random.default_rng(20)


def digest(array):
    return hashlib.sha256(numpy.ascontiguousarray(array, numpy.uint8).tobytes()).hexdigest()


def planes(array):
    """height x width (x channels) as channels x height x width."""
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


# ---------------------------------------------------------------- PNG

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pack(row, depth):
    """One row of samples as bytes."""
    if depth == 16:
        return row.astype(">u2").tobytes()
    if depth == 8:
        return row.astype(numpy.uint8).tobytes()
    bits = (row[:, None] >> numpy.arange(depth - 1, -1, -1)) & 1
    return numpy.packbits(bits.reshape(-1).astype(numpy.uint8)).tobytes()


def filtered(rows, pixel, filters):
    """The rows of one pass behind the numbers of their filters."""
    out, last = b"", None
    for y, row in enumerate(rows):
        x = numpy.frombuffer(row, numpy.uint8).astype(int)
        a = numpy.concatenate([numpy.zeros(min(pixel, len(x)), int), x[:-pixel]])[:len(x)]
        b = numpy.zeros(len(x), int) if last is None else last
        c = numpy.concatenate([numpy.zeros(min(pixel, len(x)), int), b[:-pixel]])[:len(x)]
        kind = filters[y % len(filters)]
        p = a + b - c
        pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
        paeth = numpy.where((pa <= pb) & (pa <= pc), a, numpy.where(pb <= pc, b, c))
        prediction = [0 * x, a, b, (a + b) // 2, paeth][kind]
        out += bytes([kind]) + ((x - prediction) % 256).astype(numpy.uint8).tobytes()
        last = x
    return out


def png(samples, kind, depth, interlaced=False, filters=(0, 1, 2, 3, 4), extra=b"", level=9, strategy=zlib.Z_DEFAULT_STRATEGY,
        idats=1):
    """samples: height x width x SAMPLES[kind]."""
    height, width = samples.shape[:2]
    pixel = max(1, SAMPLES[kind] * depth // 8)
    data = b""
    for x, y, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            data += filtered([pack(row.reshape(-1), depth) for row in part], pixel, filters)
    compressor = zlib.compressobj(level, zlib.DEFLATED, 15, 8, strategy)
    stream = compressor.compress(data) + compressor.flush()
    cuts = [len(stream) * i // idats for i in range(idats + 1)]
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"Comment\0skip me") + extra
            + b"".join(chunk(b"IDAT", stream[a:b]) for a, b in zip(cuts, cuts[1:])) + chunk(b"IEND", b""))


def bytes_of(samples, depth):
    m = 2 ** depth - 1
    return (255 * samples.astype(int) + m // 2) // m


def over_black(colour, opacity, depth=8):
    """In the depth of the samples, rounded once."""
    m = 2 ** depth - 1
    return (255 * colour.astype(int) * opacity + m * m // 2) // (m * m)


def own_png():
    """Every colour type and depth, interlaced or not, with tRNS where it is allowed."""
    for interlaced in (False, True):
        for kind, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))):
            for depth in depths:
                for transparent in ((False, True) if kind in (0, 2, 3) else (False,)):
                    height, width = int(random.integers(1, 12)), int(random.integers(1, 12))
                    colours = min(2 ** depth, 23)
                    top = colours if kind == 3 else 2 ** depth
                    samples = random.integers(0, top, (height, width, SAMPLES[kind]))
                    if depth == 8 and kind != 3:
                        samples = (samples // 8 + 4 * numpy.arange(width)[:, None]) % 256
                    extra = b""
                    if kind == 3:
                        palette = random.integers(0, 256, (colours, 3))
                        extra = chunk(b"PLTE", palette.astype(numpy.uint8).tobytes())
                        opacity = numpy.full(colours, 255)
                        if transparent:
                            opacity[:colours - 1] = random.integers(0, 256, colours - 1)
                            extra += chunk(b"tRNS", opacity[:colours - 1].astype(numpy.uint8).tobytes())
                        index = samples[..., 0]
                        pixels = over_black(palette[index], opacity[index][..., None])
                    elif kind in (0, 2):
                        pixels = bytes_of(samples, depth)
                        if transparent:
                            key = samples[height // 2, width // 2]
                            extra = chunk(b"tRNS", key.astype(">u2").tobytes())
                            pixels = numpy.where((samples == key).all(-1, keepdims=True), 0, pixels)
                    else:
                        pixels = over_black(samples[..., :-1], samples[..., -1:], depth)
                    data = png(samples, kind, depth, interlaced, extra=extra)
                    name = f"type {kind}, {depth} bits" + ", interlaced" * interlaced + ", transparent" * transparent
                    # Pillow agrees wherever it keeps all bits and knows no opacity.
                    if depth <= 8 and kind in (0, 2, 3) and not transparent:
                        seen = Image.open(io.BytesIO(data)).convert("RGB" if kind > 1 else "L")
                        assert (planes(numpy.asarray(seen)) == planes(pixels)).all(), name
                    yield name, data, planes(pixels)


def other_png():
    grey = (numpy.arange(40 * 30) * 7 % 256).reshape(40, 30, 1)
    for name, options in (("stored blocks", dict(level=0)), ("fixed codes", dict(strategy=zlib.Z_FIXED)),
                          ("five chunks of pixels", dict(idats=5)), ("every row by Paeth", dict(filters=(4,)))):
        yield name, png(grey[:9], 0, 8, **options), planes(grey[:9])
    for mode in ("1", "L", "P", "RGB", "RGBA", "LA", "I;16"):
        array = random.integers(0, 256, (7, 10, 4), dtype=numpy.uint8) // 16 * 16
        if mode == "I;16":
            samples = random.integers(0, 65536, (7, 10), dtype=numpy.uint16)
            image, pixels = Image.fromarray(samples), bytes_of(samples, 16)
        else:
            image = Image.fromarray(array).convert("RGB" if mode in ("P", "RGB") else mode)
            image = image.quantize(16) if mode == "P" else image
            if mode in ("RGBA", "LA"):
                values = numpy.asarray(image).astype(int)
                pixels = over_black(values[..., :-1], values[..., -1:])
            else:
                pixels = numpy.asarray(image.convert("RGB" if mode in ("P", "RGB") else "L"))
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True)
        yield f"Pillow's {mode}", file.getvalue(), planes(pixels)


def netpbm():
    colour = random.integers(0, 256, (5, 4, 3), dtype=numpy.uint8)
    for mode, name in (("RGB", "P6"), ("L", "P5")):
        image = Image.fromarray(colour).convert(mode)
        file = io.BytesIO()
        image.save(file, "PPM")
        yield f"Pillow's {name}", file.getvalue(), planes(numpy.asarray(image))
    for kind, shape in ((2, (3, 5)), (3, (3, 5, 3)), (5, (3, 5)), (6, (3, 5, 3))):
        for largest in (1, 15, 255, 256, 65535):
            samples = random.integers(0, largest + 1, shape)
            header = f"P{kind} # a comment\n5\n# another 9\n 3\t{largest}\n".encode()
            body = (" ".join(map(str, samples.reshape(-1))) + "\n").encode() if kind < 4 else \
                samples.astype(">u2" if largest > 255 else "u1").tobytes()
            pixels = (255 * samples + largest // 2) // largest
            # Pillow reads the same from text files and small values, up to its own rounding of other scales.
            seen = numpy.asarray(Image.open(io.BytesIO(header + body)))
            if largest == 255:
                assert (seen == pixels).all()
            yield f"P{kind}, largest value {largest}", header + body, planes(pixels)


def pictures():
    return [dict(name=name, file=base64.b64encode(data).decode(), channels=p.shape[0], height=p.shape[1], width=p.shape[2],
                 digest=digest(p))
            for source in (own_png, other_png, netpbm) for name, data, p in source()]


# ---------------------------------------------------------------- data sets

def picture_of(number, height, width, channels):
    """Smooth, unlike its mirror images, unlike its transpose: byte = 2 x + 3 y + 50 channel + 7 number."""
    y, x, c = numpy.mgrid[0:height, 0:width, 0:channels]
    return ((2 * x + 3 * y + 50 * c + 7 * number) % 256).astype(numpy.uint8)


def sets():
    def mat(labels, **options):
        x = numpy.stack([picture_of(i, 32, 32, 3) for i in range(len(labels))], -1)
        file = io.BytesIO()
        savemat(file, dict(X=x, y=numpy.array(labels, options.pop("type", numpy.uint8)).reshape(-1, 1)), **options)
        return file.getvalue(), x.transpose(3, 2, 0, 1), [label % 10 for label in labels]

    def npy(array):
        file = io.BytesIO()
        numpy.save(file, array)
        return file.getvalue(), array[:, None] if array.ndim == 3 else array.transpose(0, 3, 1, 2), None

    colour = numpy.stack([picture_of(i, 6, 5, 3) for i in range(3)])
    files = [
        ("train_32x32.mat", *mat([10, 1, 9, 10, 5], do_compression=True)),
        ("test_32x32.mat", *mat([3, 10], do_compression=False)),
        ("float_labels.mat", *mat([10, 7, 8], do_compression=True, type=float)),
        ("colour.npy", *npy(colour)),
        ("grey.npy", *npy(colour[..., 0])),
        ("grey_with_axis.npy", *npy(colour[..., :1])),
    ]
    result = [dict(name=name, file=base64.b64encode(data).decode(), count=len(p), channels=p.shape[1], height=p.shape[2],
                   width=p.shape[3], labels=labels, digest=digest(p)) for name, data, p, labels in files]
    # STL-10: the file that a test writes from the same formula, each plane column by column.
    images = numpy.stack([picture_of(i, 96, 96, 3) for i in range(3)])
    file = images.transpose(0, 3, 2, 1)
    back = numpy.frombuffer(file.tobytes(), numpy.uint8).reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
    result.append(dict(name="train_X.bin", file="", fileDigest=digest(file), count=3, channels=3, height=96, width=96,
                       labels=None, digest=digest(back)))
    return result


def fittings():
    """Resize(side) and CenterCrop of torchvision, written with Pillow; and the same rule for sizes that are no squares."""
    result = []
    for height, width, new_height, new_width in ((96, 96, 32, 32), (20, 31, 16, 16), (33, 20, 16, 16), (8, 11, 24, 24),
                                                 (40, 30, 16, 24), (21, 64, 10, 7), (32, 32, 32, 20), (5, 7, 5, 7)):
        for channels in (1, 3):
            array = numpy.stack([picture_of(n, height, width, 1)[..., 0] * (n + 1) for n in range(channels)], -1)
            array = array.astype(numpy.uint8)
            image = Image.fromarray(array if channels == 3 else array[..., 0])
            if new_height * width >= new_width * height:
                size = new_height, max(new_width, int(new_height * width / height))
            else:
                size = max(new_height, int(new_width * height / width)), new_width
            resized = image.resize(size[::-1], Image.BILINEAR)
            top, left = int(round((size[0] - new_height) / 2.0)), int(round((size[1] - new_width) / 2.0))
            cut = numpy.asarray(resized.crop((left, top, left + new_width, top + new_height)))
            result.append(dict(channels=channels, height=height, width=width, newHeight=new_height, newWidth=new_width,
                               digest=digest(planes(cut))))
    return result


if __name__ == "__main__":
    content = dict(versions=dict(numpy=numpy.__version__, pillow=PIL.__version__, scipy=scipy.__version__),
                   pictures=pictures(), sets=sets(), fittings=fittings())
    with open(os.path.join(HERE, "formats.json"), "w") as file:
        lists = ",\n".join(f' "{key}": [\n  ' + ",\n  ".join(json.dumps(item) for item in content[key]) + "\n ]"
                           for key in ("pictures", "sets", "fittings"))
        file.write(f'{{\n "versions": {json.dumps(content["versions"])},\n{lists}\n}}\n')
