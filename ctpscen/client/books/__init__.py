"""What the traffic of one login tells: connection, orders, trades, positions, reports.

The books are fed with what is sent and with what comes back, and send nothing themselves. A session that drives an API
keeps them (`client.session`); whoever merely watches a program drive one feeds the same books.
"""
