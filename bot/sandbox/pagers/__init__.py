"""Look-alikes of the services that wake people up: PagerDuty, Opsgenie, Jira, a webhook, mail."""
