"""The programs of the table, in its order; ratios are to the first."""

from ours import Floor, FloorThatReplies, FloorThatSkips, Signetd
from peers import ChainWithMilter, ChainWithPolicy, OpenDkim, Rspamd, Yenma

PROGRAMS = [Signetd, Floor, FloorThatReplies, FloorThatSkips, OpenDkim, Rspamd, Yenma, ChainWithMilter, ChainWithPolicy]
