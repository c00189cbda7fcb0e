package Stores;
# The two kinds of store: mailboxes and CRM. They know nothing of synchronizing.
use strict;
use warnings;
use Exporter 'import';
use JSON::PP ();
our @EXPORT_OK = qw(clone same new_copy new_record content put_content new_box new_crm bury next_id @FIELDS);

# What crosses between a copy and its record. Occurrences are handled one by one, elsewhere.
our @FIELDS = qw(title dates status organizer required optional regarding parent);

my $json   = JSON::PP->new->canonical->allow_nonref;
my $lastid = 0;

sub next_id { return sprintf '%06x', ++$lastid }

sub clone {
    my ($x) = @_;
    return $x if !ref $x || JSON::PP::is_bool($x);
    return [ map { clone($_) } @$x ] if ref $x eq 'ARRAY';
    return { map { $_ => clone($x->{$_}) } keys %$x };
}

sub same { my ($x, $y) = @_; return $json->encode($x) eq $json->encode($y) }

sub new_box { my ($user) = @_; return { user => $user, copies => {}, pairs => {}, known => {} } }

# `graves` is what CRM remembers of deleted records: their last content, by id.
sub new_crm { return { records => {}, graves => {} } }

# Only dates that are given, so that two of them compare.
sub tidy_dates { my ($d) = @_; return { map { $_ => $d->{$_} } grep { defined $d->{$_} } keys %{ $d || {} } } }

sub body {
    my ($item) = @_;
    my %body = (
        uid => $item->{name}, id => next_id(),
        title => $item->{title}, address => $item->{address}, dates => tidy_dates($item->{dates}),
        status => $item->{status}, organizer => $item->{organizer},
        required => clone($item->{required} || []), optional => clone($item->{optional} || []),
        regarding => $item->{regarding}, parent => $item->{parent},
    );
    if ($item->{kind} eq 'recurring-appointment') {
        $body{occurrences} = [ 0 .. ($item->{dates}{count} || 1) - 1 ];
        $body{exceptions} = clone($item->{exceptions} || []);
    }
    return \%body;
}

sub new_copy {
    my ($box, $item) = @_;
    $box->{known}{ $item->{name} } = 1;
    my $copy = body($item);
    $copy->{kind}    = $item->{kind};
    $copy->{record}  = $item->{record};
    $copy->{tracked} = 0;
    return $box->{copies}{ $item->{name} } = $copy;
}

sub new_record {
    my ($crm, $item, $owner) = @_;
    my $record = body($item);
    $record->{kind}   = $item->{record};
    $record->{outlook} = $item->{kind};
    $record->{owner}  = $owner;
    $record->{status} = 'completed' if $record->{kind} eq 'email' && $record->{status} eq 'open';
    return $crm->{records}{ $item->{name} } = $record;
}

sub bury {
    my ($crm, $uid) = @_;
    my $record = delete $crm->{records}{$uid} or return;
    $crm->{graves}{ $record->{id} } = $record;
    return;
}

# The content of a copy or a record, as a snapshot keeps it.
sub content {
    my ($x) = @_;
    return { map { $_ => clone($x->{$_}) } @FIELDS, $x->{occurrences} ? qw(occurrences exceptions) : () };
}

sub put_content {
    my ($x, $content) = @_;
    $x->{$_} = clone($content->{$_}) for keys %$content;
    return;
}

1;
