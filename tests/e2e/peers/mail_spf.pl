#!/usr/bin/perl
# mail_spf.pl ZONE.TAB RECEIVER   Mail::SPF for many checks in one process; requests as spf_desk.cpp has them. ZONE.TAB:
# lines of name, type and data in hexadecimal; "timeout" and "servfail" as data are failures.
use strict;
use warnings;

package Zone;    # stands in for Net::DNS::Resolver

use Net::DNS;

sub new {
    my ($class, $file) = @_;
    my $self = bless {records => {}, failures => {}, names => {}, error => ''}, $class;
    open my $in, '<', $file or die "$file: $!";
    while (<$in>) {
        chomp;
        my ($name, $kind, $data) = split /\t/;
        $data = pack 'H*', $data;
        if ($data =~ /^(timeout|servfail)$/) { $self->{failures}{"$name $kind"} = $data; next }
        push @{$self->{records}{"$name $kind"}}, $data;
        for (my $above = $name; $above ne ''; $above =~ s/^[^.]*\.?//) { $self->{names}{$above} = 1 }
    }
    return $self;
}

sub errorstring { $_[0]{error} }

sub record {
    my ($kind, $data) = @_;
    return Net::DNS::RR->new(name => 'owner.test', type => $kind, txtdata => [unpack '(a255)*', $data]) if $kind eq 'TXT';
    return Net::DNS::RR->new("owner.test. 300 IN $kind $data");
}

sub send {
    my ($self, $name, $kind) = @_;
    $self->{error} = '';
    my $packet = Net::DNS::Packet->new($name, $kind);
    my $alias;
    for (1 .. 10) {
        $name = lc $name =~ s/\.$//r;
        my $failure = $self->{failures}{"$name $kind"} || '';
        if ($failure eq 'timeout') { $self->{error} = 'query timed out'; return undef }
        if ($failure eq 'servfail') { $packet->header->rcode('SERVFAIL'); return $packet }
        $alias = $self->{records}{"$name CNAME"};
        my $found = $alias || $self->{records}{"$name $kind"} || [];
        $packet->push(answer => map { record($alias ? 'CNAME' : $kind, $_) } @$found);
        last unless $alias;
        $name = $alias->[0];
    }
    $packet->header->rcode('NXDOMAIN') unless $self->{names}{$name};
    return $packet;
}

package main;

use Mail::SPF;

my ($table, $receiver) = @ARGV;
my $server = Mail::SPF::Server->new(
    dns_resolver => Zone->new($table), hostname => $receiver, default_authority_explanation => 'DEFAULT',
);

sub check {
    my ($client, $helo, $sender) = @_;
    my $request = Mail::SPF::Request->new(
        scope => 'mfrom', versions => [1], identity => $sender || "postmaster\@$helo",
        ip_address => $client, helo_identity => $helo,
    );
    my $result = $server->process($request);
    my $explanation = $result->code eq 'fail' ? $result->authority_explanation : '';
    return ($result->code, $result->text, $explanation eq 'DEFAULT' ? '' : $explanation);
}

while (my $request = <STDIN>) {
    chomp $request;
    my @answer = eval { check(split /\t/, $request, 3) };
    @answer = ('died', "$@", '') if $@;
    print join("\t", map { s/[\t\r\n]+/ /gr } @answer), "\n";
}
