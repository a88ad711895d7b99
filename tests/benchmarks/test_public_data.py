"""The public split of the recommenders project."""

import numpy as np
import pandas as pd

from benchmarks.recommendations.public_data import item_stratified


def test_a_quarter_of_each_items_ratings_is_held_out_in_any_order_of_the_index():
    rng = np.random.default_rng(3)
    ratings = pd.DataFrame({"item_id": rng.integers(20, size=500)}, index=rng.permutation(500))
    held_out = item_stratified(ratings)
    assert held_out.index.equals(ratings.index)
    sizes = ratings.groupby("item_id").size()
    held = held_out.groupby(ratings["item_id"]).sum()
    assert (held == sizes - np.floor(0.75 * sizes)).all()
