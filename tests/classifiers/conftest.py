import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """Networks as small as these are slower with more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
