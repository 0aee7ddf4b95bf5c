"""Django's command line; brings the embedded database along where no other is named."""

import sys

from glu_admin.runtime.commandline import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
