"""Pages that nobody reads any more, given back to the system.

Kept weights are mapped from their file, and an engine that rearranges them makes copies of its own. The mapped pages
would stay in memory until it is scarce, so that weights seem to lie there twice.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Iterable

from torch import Tensor

_PAGE_OUT = 21  # MADV_PAGEOUT, Linux 5.4: what lies in a file is dropped, and read again if it is asked for


def give_back(tensors: Iterable[Tensor]) -> None:
    """Ask Linux to take the whole pages of these; their values stay what they are. Elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    for tensor in tensors:
        first = -(-tensor.data_ptr() // mmap.PAGESIZE) * mmap.PAGESIZE
        length = (tensor.data_ptr() + tensor.nbytes - first) // mmap.PAGESIZE * mmap.PAGESIZE
        if length > 0:
            advise(ctypes.c_void_p(first), ctypes.c_size_t(length), _PAGE_OUT)
