#!/usr/bin/perl
# mail_dkim.pl KEYS SELECTOR=KEYFILE...   Mail::DKIM for many messages in one process; requests as dkim_desk.cpp has
# them. KEYS holds "NAME TXT" lines, the domain is that of every name. RSA alone: this version knows no Ed25519.
use strict;
use warnings;

package KnownKeys;    # stands in for Net::DNS::Resolver

use Net::DNS;

sub new {
    my ($class, $file) = @_;
    open my $in, '<', $file or die "$file: $!";
    my %texts = map { chomp; split / /, $_, 2 } <$in>;
    return bless {texts => \%texts}, $class;
}

sub send {
    my ($self, $name, $type) = @_;
    my $packet = Net::DNS::Packet->new($name, $type);
    my $text = $self->{texts}{$name};
    $packet->push(answer => Net::DNS::RR->new(name => $name, type => 'TXT', ttl => 300, txtdata => [unpack '(a255)*', $text]))
        if defined $text;
    return $packet;
}

package main;

use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;

sub feed {
    my ($desk, $octets) = @_;
    $desk->PRINT($octets);
    $desk->CLOSE;
    return $desk;
}

# The name of every field, so that all are covered.
sub names_of {
    my ($header) = split /\r\n\r\n/, $_[0], 2;
    return join ':', map { /^([^:\s]+)/ } split /\r\n(?![ \t])/, $header;
}

sub sign {
    my ($octets, $forms, $domain, $selector, $key) = @_;
    my $cover = sub {
        $_[0]->add_signature(Mail::DKIM::Signature->new(
            Algorithm => 'rsa-sha256', Method => $forms, Headers => names_of($octets) . ':From',
            Domain => $domain, Selector => $selector,
        ));
        return 0;
    };
    my $signer = Mail::DKIM::Signer->new(Policy => $cover, KeyFile => $key);
    return feed($signer, $octets)->signature->as_string . "\r\n";
}

# Of the topmost signature; with several Mail::DKIM would say what the best came to.
sub verify {
    my ($verifier) = feed(Mail::DKIM::Verifier->new(Strict => 1), $_[0]);
    my ($result, $detail) = ($verifier->result, $verifier->result_detail);
    return $result eq 'pass' ? 'pass' : $detail =~ s/^(\w+) \((.*)\)$/$1: $2/sr;
}

my ($file, $domain, @pairs) = @ARGV;
my %keys = map { split /=/, $_, 2 } @pairs;
Mail::DKIM::DNS::resolver(KnownKeys->new($file));
binmode STDIN;
binmode STDOUT;
$| = 1;
while (my $request = <STDIN>) {
    my ($what, @words) = split ' ', $request;
    my $count = pop @words;
    read(STDIN, my $octets, $count) == $count or die 'request cut short';
    my $answer = $what eq 'sign' ? sign($octets, $words[0], $domain, $words[1], $keys{$words[1]}) : verify($octets);
    print length($answer), "\n", $answer;
}
