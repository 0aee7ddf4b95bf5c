"""Measures the hot paths beside programs that anyone can judge: `./glu bench`.

Everything runs side by side in one run, on one machine, over the loopback, behind the same
server. What is compared is processor time a request, of the web server and PostgreSQL
together: it moves far less between visits than rates do.
"""
