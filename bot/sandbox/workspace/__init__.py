"""A Slack-compatible server for the sandbox: Web API, Socket Mode, a control API and a page."""
