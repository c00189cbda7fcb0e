package Rules;
# The deletion table: what a deletion or an untracking does to the other side. Pure functions, no state.
use strict;
use warnings;
use Exporter 'import';
use Time::Local 'timegm';
our @EXPORT_OK = qw(instant class_of current occurrence_current receives kills_record kills_copy keeps_copy_of_occurrence
    asks untracking_kills);

my %CLASS = (
    'email' => 'email', 'contact' => 'contact', 'appointment' => 'appointment', 'meeting-request' => 'appointment',
    'recurring-appointment' => 'series', 'service-activity' => 'appointment',
    'task' => 'task', 'phone-call' => 'task', 'letter' => 'task', 'fax' => 'task',
);

sub class_of { my ($kind) = @_; return $CLASS{$kind} || 'other' }

sub instant {
    my ($text) = @_;
    my ($y, $mo, $d, $h, $mi, $s, $zone) =
        $text =~ /^(\d+)-(\d+)-(\d+)[Tt ](\d+):(\d+):(\d+)(?:\.\d+)?(.*)$/ or die "no instant: $text\n";
    my $t = timegm($s, $mi, $h, $d, $mo - 1, $y);
    $t -= ($1 eq '-' ? -1 : 1) * ($2 * 3600 + $3 * 60) if $zone =~ /^([-+])(\d+):?(\d+)/;
    return $t;
}

# An appointment is current while its end is not past; a series while the end of its last occurrence is not.
# A task is current while it is not completed in Outlook (X-08), which the caller knows.
sub current {
    my ($record, $now) = @_;
    my $dates = $record->{dates};
    my $end = $dates->{end} // $dates->{start} // return 1;
    return occurrence_current($record, ($dates->{count} || 1) - 1, $now) if $record->{kind} eq 'recurring-appointment';
    return instant($end) >= $now;
}

sub occurrence_current {
    my ($record, $n, $now) = @_;
    my $dates = $record->{dates};
    my $end = $dates->{end} // $dates->{start} // return 1;
    my $moved = grep { $_ == $n } @{ $record->{exceptions} || [] };
    return instant($end) + $n * ($dates->{every_s} || 0) + ($moved ? 86400 : 0) >= $now;
}

sub mine { my ($record, $user) = @_; return grep { ($_ // '') eq $user } $record->{owner}, $record->{organizer} }

# Whom a record reaches that never was in the mailbox.
sub receives {
    my ($record, $user) = @_;
    my $class = class_of($record->{kind});
    return $record->{owner} eq $user if $class eq 'contact' || $class eq 'task';
    return scalar grep { $_ eq $user } @{ $record->{required} } if $class eq 'appointment' || $class eq 'series';
    return 0;
}

# Deleted in Outlook: does the record go?
sub kills_record { my ($record) = @_; return class_of($record->{kind}) !~ /^(email|contact)$/ }

# Deleted in CRM: does the copy go?
sub kills_copy {
    my ($record, $copy, $user, $now) = @_;
    my $class = class_of($record->{kind});
    return $record->{owner} ne $user if $class eq 'contact';
    return ($copy->{status} // '') ne 'completed' if $class eq 'task';
    return mine($record, $user) && current($record, $now) if $class eq 'appointment' || $class eq 'series';
    return 0;
}

sub keeps_copy_of_occurrence {
    my ($record, $n, $user, $now) = @_;
    return !(mine($record, $user) && occurrence_current($record, $n, $now));
}

# Does the client ask, when a linked copy is untracked? `owner` is whom it last saw as the owner of a contact.
sub asks { my ($kind, $owner, $user) = @_; return class_of($kind) ne 'contact' || $owner eq $user }

# Untracked with this order, which is `yes`, `always` or `no`: does the record go?
sub untracking_kills {
    my ($order, $record, $user, $now) = @_;
    return 0 if $order eq 'no';
    return 1 if $order eq 'always' || class_of($record->{kind}) =~ /^(contact|email|task)$/;
    return $record->{owner} eq $user && current($record, $now);
}

1;
