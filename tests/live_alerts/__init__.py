"""The alerts beside the truth: real brokers, clients, Prometheus, Alertmanager; an exporter with faults on request."""
