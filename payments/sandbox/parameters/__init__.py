from payments.sandbox.parameters.parsers import *
