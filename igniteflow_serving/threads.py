"""How many threads the products of matrices take."""

from threadpoolctl import threadpool_limits


def multiply_in_one_thread() -> None:
    """Have each product of matrices made by the thread that asks for it.

    Products with one user's vector are too small to be shared out: OpenBLAS's other threads would
    wait for them in a loop, for several times the processor time of the product.
    """
    threadpool_limits(limits=1, user_api="blas")
