"""The library under the store comes alone."""

from __future__ import annotations

import subprocess
import sys


def test_the_store_is_loaded_without_pandas_which_can_be_loaded_afterwards():
    told = "import sys, bot.store; print('pandas' in sys.modules); import pandas; print(pandas.NaT)"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "NaT"]
