"""A server takes one processor for a request, however many the machine has."""

from threadpoolctl import threadpool_info, threadpool_limits

from igniteflow_serving import recommender
from igniteflow_serving.threads import multiply_in_one_thread


def test_products_of_matrices_take_one_thread():
    assert recommender  # what loads the libraries that the server multiplies with
    with threadpool_limits(limits=2, user_api="blas"):
        multiply_in_one_thread()
        libraries = [each for each in threadpool_info() if each["user_api"] == "blas"]
        assert libraries
        assert {each["num_threads"] for each in libraries} == {1}
