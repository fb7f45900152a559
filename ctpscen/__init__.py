"""ctpscen runs scenarios against a CTP trading session, simulated or live."""

__version__ = "0.1.0"
