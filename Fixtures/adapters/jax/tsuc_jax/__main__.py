"""python -m tsuc_jax PROMPTS --out ANSWERS [--dtype float64|float32] [--only PATTERN] [--cache FOLDER]"""
import tempfile
from pathlib import Path

import jax
from tsuc_port import Backend

from . import areas  # noqa: F401  registers every operation
from .prompts import Prompt
from .registry import ANSWERS


class Jax(Backend):
    """Runs on the default device; compiled programs are kept in a folder from run to run."""

    prompt = Prompt

    def add_options(self, parser):
        parser.add_argument(
            "--cache", type=Path, default=Path(tempfile.gettempdir()) / "tsuc-jax",
            help="the folder of compiled programs")

    def begin(self, options):
        jax.config.update("jax_enable_x64", options.dtype == "float64")
        # Otherwise a GPU rounds the factors of products to 11 bits, and a TPU to 8.
        jax.config.update("jax_default_matmul_precision", "highest")
        jax.config.update("jax_compilation_cache_dir", str(options.cache))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        return options.dtype


if __name__ == "__main__":
    Jax("jax", jax.__version__, ANSWERS).main()
