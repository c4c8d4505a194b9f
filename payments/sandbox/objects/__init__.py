from payments.sandbox.objects.checkout_sessions import *
