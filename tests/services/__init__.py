"""A real Kafka and a real PostgreSQL for the tests: nothing stands in for what decides whether a message is ever lost."""
