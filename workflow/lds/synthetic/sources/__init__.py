"""What publishers would make of the synthetic England: one module per family of sources.

Each has ``make(england, contract, scale) -> StandIn``; the contract's recipe (``synthetic``) names
the module and holds what it plants.
"""
