"""What the demo's settings say of data: what is compared, whose flows are, what managers are told.

Each part stands for itself, so that a sandbox can leave it out.
"""

from __future__ import annotations

RECONCILE = """
# Every order of the shop is to stand in the ERP, as it was placed.
[[reconcile]]
name = "Orders to Business Central"
source = {system = "shopify-uk-store", key_prefix = "#", currency = "GBP"}
every = "1h"
settle = "15m"

[reconcile.target]
system = "business-central"
key = "externalDocumentNumber"
place = "salesOrders"
also_in = ["salesInvoices"]         # where an order goes when it is posted
currency = "GBP"

[[reconcile.field]]
name = "total"
kind = "money"

[[reconcile.field]]
name = "currency"

[[reconcile.field]]
name = "address"                    # compared, and never shown
source = "shippingAddress.address1"
target = "shipToAddressLine1"
limit = 40                          # characters that fit on the label
"""

FLOWS = """
# Whose the flows are, what they carry, what an error costs (made up, as all here).
[[flow]]
name = "Outlet orders to NetSuite"
owner = "{orders}"
entity = "orders"
group = "Orders"
cost_per_failed_record = "12.50"

[[flow]]
name = "Stock to Shopify"
owner = "{stock}"
entity = "stock levels"
group = "Stock"
cost_per_hour = "40"

[[flow]]
name = "Dispatch to ShipStation"
owner = "{stock}"
entity = "orders"
group = "Orders"
cost_per_failed_record = "8"
"""

NEW_FLOW = """
[[flow]]
name = "Orders to Business Central"
owner = "{orders}"
entity = "orders"
group = "Orders"
cost_per_failed_record = "12.50"
"""

RESPONSIBLE = """
[[responsibility]]
entity = "orders"
responsible = "Priya"
accountable = "Marcus"
informed = "Nora"
"""

DIGEST = """
# How the day went, every morning: to the managers' channel and to Marcus.
[digest]
time = "08:30"
channels = ["#retail-managers"]
people = ["Marcus"]
weekly = "mon"
"""


def flows_text(*, with_people: bool, with_erp: bool) -> str:
    """The `[[flow]]` sections; their owners are people or teams where the settings know any.

    `with_erp`: whether the company has the flow that takes orders to the ERP.
    """
    text = FLOWS + (NEW_FLOW if with_erp else "")
    owners = ("Priya", "Alex") if with_people else ("Dana", "Omar")
    return text.format(orders=owners[0], stock=owners[1])
