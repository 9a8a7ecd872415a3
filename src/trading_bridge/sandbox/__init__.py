"""Our exchange: a real matching engine behind real wire protocols. Ships with the product."""
