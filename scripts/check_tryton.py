"""
check_tryton.py DATABASE CONFIG
	Do business in a Tryton database, through Tryton's own client library, and
	print what was done, as JSON.

Run by check_tryton.sh.  Everything goes through the buttons that a user
clicks, so that Tryton itself writes states, histories, dates and amounts.
"""
import datetime
import json
import os
import sys
from decimal import Decimal

from proteus import Model, config

database, config_file = sys.argv[1:]
config.set_trytond('postgresql:///' + database, config_file=config_file)

# The helpers of Tryton's own tests choose another database where none is
# configured yet; they want its name, and use it for nothing that is done here.
os.environ.setdefault('DB_NAME', database)
from trytond.modules.account.tests.tools import create_chart, get_accounts  # noqa: E402
from trytond.modules.account_invoice.tests.tools import create_payment_term  # noqa: E402
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402

create_company()
company = get_company()
create_chart(company)
revenue = get_accounts(company)['revenue']
# the company and the employee of who works
User = Model.get('res.user')
user = User(config.get_config().user)

Party = Model.get('party.party')
Employee = Model.get('company.employee')
seller = Party(name='Seller')
seller.save()
employee = Employee(party=seller, company=company)
employee.save()
user.employees.append(employee)
user.employee = employee
user.save()
config.get_config()._context = User.get_preferences(True, config.get_config().context)

category = Model.get('product.category')(
    name='Goods', accounting=True, account_revenue=revenue)
category.save()
unit, = Model.get('product.uom').find([('name', '=', 'Unit')])
payment_term = create_payment_term()
payment_term.save()


def product(name, type_, price):
    template = Model.get('product.template')(
        name=name, default_uom=unit, type=type_, list_price=Decimal(price),
        account_category=category)
    if type_ == 'goods':
        template.salable = True
    template.save()
    return template.products[0]


goods = product('Goods', 'goods', '10')
service = product('Rental', 'service', '30')

customers = []
for n in range(6):
    customer = Party(name='Customer %d' % n)
    mechanism = customer.contact_mechanisms.new()
    mechanism.type = 'email'
    mechanism.value = 'c%d@example.com' % n
    customer.save()
    customers.append(customer)
Party(name='Nobody').save()

facts = {'customer': {}, 'lead': {}, 'opportunity': {}, 'order': {},
    'subscription_month': [], 'ticket': {}}


def is_customer(party):
    facts['customer'][str(party.id)] = party.name


# The pipeline: each deal clicks through its states
Opportunity = Model.get('sale.opportunity')
Sale = Model.get('sale.sale')
walks = [
    ([], 'open', 'lead'),
    (['lost'], 'lost', 'lead'),
    (['opportunity'], 'open', 'opportunity'),
    (['opportunity', 'lost'], 'lost', 'opportunity'),
    (['opportunity', 'cancel'], None, None),
    (['opportunity', 'convert'], 'open', 'opportunity'),
    (['opportunity', 'convert', 'won'], 'won', 'opportunity'),
    # back to the lead, and on again
    (['opportunity', 'lead', 'opportunity', 'lost', 'lead', 'opportunity', 'convert', 'won'], 'won', 'opportunity'),
]
names = {'convert': 'converted'}
for n, (clicks, status, kind) in enumerate(walks):
    customer = customers[n % 3]
    deal = Opportunity(description='Deal %d' % n, party=customer,
        address=customer.addresses[0], employee=employee,
        payment_term=payment_term, conversion_probability=0.5)
    if n != 2:
        deal.amount = Decimal(100 * (n + 1))
    if clicks:
        line = deal.lines.new()
        line.product = goods
        line.quantity = 10 * (n + 1)
    deal.save()
    stages = []
    for click in clicks:
        if click == 'won':
            # a deal is won by confirming what was sold
            sale, = Sale.find([('origin', '=', 'sale.opportunity,%d' % deal.id)])
            sale.click('quote')
            sale.click('confirm')
            facts['order'][str(sale.id)] = {
                'amount': str(sale.untaxed_amount), 'customer': str(customer.id),
                'currency': sale.currency.code, 'day': str(sale.sale_date)}
            deal.reload()
        else:
            deal.click(click)
        stage = names.get(click, click)
        if stage not in ('lead', 'cancel') and (not stages or stages[-1] != stage):
            stages.append(stage)
    if status is None:
        continue
    facts['lead'][str(deal.id)] = 'converted' if kind == 'opportunity' else status
    if kind == 'opportunity':
        is_customer(customer)
        facts['opportunity'][str(deal.id)] = {
            'status': status, 'amount': None if deal.amount is None else str(deal.amount),
            'stages': stages, 'customer': str(customer.id), 'owner': 'Seller',
            'currency': company.currency.code}

# Sales without a deal: a draft, a quotation, one that is cancelled, one that is done
for clicks in [[], ['quote'], ['quote', 'cancel'], ['quote', 'confirm']]:
    sale = Sale(party=customers[3], payment_term=payment_term)
    line = sale.lines.new()
    line.product = goods
    line.quantity = 7
    comment = sale.lines.new()
    comment.type = 'comment'
    comment.description = 'Thank you'
    sale.save()
    for click in clicks:
        sale.click(click)
    is_customer(customers[3])
    if clicks == ['quote', 'confirm']:
        facts['order'][str(sale.id)] = {
            'amount': '70.00', 'customer': str(customers[3].id),
            'currency': company.currency.code, 'day': str(sale.sale_date)}

# Subscriptions that began some months ago: by the month, and by the quarter
RuleSet = Model.get('sale.subscription.recurrence.rule.set')
sets = {}
for name, freq, interval in [('Monthly', 'monthly', 1), ('Quarterly', 'monthly', 3), ('Yearly', 'yearly', 1)]:
    rules = RuleSet(name=name)
    rule, = rules.rules
    rule.freq = freq
    rule.interval = interval
    rules.save()
    sets[name] = rules
today = datetime.date.today()
month = today.replace(day=1)
months = [month]
for n in range(4):
    months.insert(0, (months[0] - datetime.timedelta(days=1)).replace(day=1))
Subscription = Model.get('sale.subscription')
for customer, name, quantity, price, mrr, run in [
        (customers[4], 'Monthly', 2, '30', '60', True),
        (customers[5], 'Quarterly', 1, '90', '30', True),
        (customers[5], 'Yearly', 3, '40', '10', True),
        (customers[5], 'Monthly', 9, '99', None, False)]:
    rental = Model.get('sale.subscription.service')(
        product=service, consumption_recurrence=sets[name])
    rental.save()
    subscription = Subscription(party=customer, start_date=months[0],
        invoice_start_date=months[0], invoice_recurrence=sets[name])
    line = subscription.lines.new()
    line.service = rental
    line.quantity = quantity
    line.unit_price = Decimal(price)
    subscription.save()
    subscription.click('quote')
    is_customer(customer)
    if run:
        subscription.click('run')
        for m in months:
            facts['subscription_month'].append({
                'customer': str(customer.id), 'month': str(m), 'mrr': mrr,
                'currency': company.currency.code})

# Complaints
Complaint = Model.get('sale.complaint')
kind = Model.get('sale.complaint.type')(name='Sale')
kind.origin, = Model.get('ir.model').find([('model', '=', 'sale.sale')])
kind.save()
for clicks in [[], ['wait'], ['wait', 'reject'], ['wait', 'approve'], ['wait', 'cancel']]:
    complaint = Complaint(customer=customers[3], type=kind)
    complaint.save()
    for click in clicks:
        complaint.click(click)
    complaint.reload()
    if complaint.state not in ('draft', 'cancelled'):
        facts['ticket'][str(complaint.id)] = complaint.state in ('done', 'rejected')

json.dump(facts, sys.stdout)
