"""Common names of IgniteFlow's columns in sources, the most specific first."""

TABLES: dict[str, dict[str, tuple[str, ...]]] = {
    "transactions": {
        "transaction_id": (
            "transaction_id", "trans_num", "tx_id", "txn_id", "trans_id", "transaction_number",
            "payment_id", "order_id", "uuid", "reference", "id",
        ),
        "event_time": (
            "event_time", "tx_datetime", "trans_date_trans_time", "transaction_time",
            "transaction_date", "transaction_dt", "timestamp", "datetime", "created_at", "date",
            "time", "unix_time", "step", "buchung", "buchungstag", "datum",
        ),
        "customer_id": (
            "customer_id", "cc_num", "card_id", "card_number", "card", "card1", "account_id",
            "account", "name_orig", "sender", "client_id", "client", "cust_id", "customer",
            "user_id", "user", "karte", "konto",
        ),
        "terminal_id": (
            "terminal_id", "terminal", "merchant_id", "merchant", "merchant_name", "shop_id",
            "shop", "name_dest", "receiver", "payee", "pos_id", "store", "device_id", "product_cd",
            "haendler", "händler",
        ),
        "amount": (
            "amount", "amt", "tx_amount", "transaction_amt", "transaction_amount", "value", "price",
            "total", "sum", "betrag",
        ),
        "is_fraud": (
            "is_fraud", "tx_fraud", "fraud", "fraud_bool", "fraudulent", "class", "label", "target",
            "betrug",
        ),
    },
    "ratings": {
        "user_id": ("user_id", "user", "reviewer_id", "customer_id", "member_id", "uid"),
        "item_id": (
            "item_id", "movie_id", "isbn", "asin", "parent_asin", "product_id", "book_id",
            "artist_id", "song_id", "item", "iid",
        ),
        "rating": ("rating", "book_rating", "overall", "stars", "score", "plays", "weight"),
        "event_time": ("event_time", "timestamp", "unix_review_time", "time", "date", "created_at"),
    },
    "events": {
        "user_id": ("user_id", "visitor_id", "user", "session_id", "customer_id"),
        "item_id": ("item_id", "product_id", "item", "asin", "sku"),
        "event_type": ("event_type", "event", "action", "behavior", "type"),
        "event_time": ("event_time", "timestamp", "time", "date", "created_at"),
    },
    "users": {
        "user_id": ("user_id", "user", "customer_id", "member_id", "uid"),
        "segment": ("segment", "occupation", "group", "age_group", "country", "location"),
    },
    "items": {
        "item_id": ("item_id", "movie_id", "isbn", "asin", "product_id", "book_id", "artist_id"),
        "title": ("title", "book_title", "movie_title", "name", "product_name"),
        "categories": ("categories", "genres", "category", "genre", "tags", "department"),
        "in_stock": ("in_stock", "available", "active"),
    },
    "customers": {
        "customer_id": ("customer_id", "customer", "card_id", "account_id", "client_id", "user_id"),
        "x": ("x", "x_customer_id", "pos_x"),
        "y": ("y", "y_customer_id", "pos_y"),
        "latitude": ("latitude", "lat", "customer_lat", "home_lat"),
        "longitude": ("longitude", "long", "lon", "lng", "customer_long", "home_long"),
    },
    "terminals": {
        "terminal_id": ("terminal_id", "terminal", "merchant_id", "shop_id", "pos_id"),
        "x": ("x", "x_terminal_id", "pos_x"),
        "y": ("y", "y_terminal_id", "pos_y"),
        "latitude": ("latitude", "lat", "merch_lat", "terminal_lat"),
        "longitude": ("longitude", "long", "lon", "lng", "merch_long", "terminal_long"),
    },
}  # fmt: skip
"""By IgniteFlow's table and column; case and marks between words are ignored."""

NEEDED: dict[str, frozenset[str]] = {
    "transactions": frozenset({"event_time", "customer_id", "terminal_id", "amount"}),
    "ratings": frozenset({"user_id", "item_id", "rating"}),
    "events": frozenset({"user_id", "item_id", "event_type", "event_time"}),
    "users": frozenset({"user_id"}),
    "items": frozenset({"item_id", "categories"}),
    "customers": frozenset({"customer_id"}),
    "terminals": frozenset({"terminal_id"}),
}
"""The columns without which a table cannot be made."""
