"""What the end-to-end tests and scripts/demo are made of.

Everything runs on loopback, in a temporary folder, and is taken down again however the run ends. Only the Python
standard library is used, and python3-dkim (Debian) where an independent opinion on a signature is wanted.
"""
