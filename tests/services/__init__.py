"""A real Kafka, PostgreSQL and S3 for the tests: nothing stands in for what decides whether a message is ever lost."""
