package Sync;
# One pass over one mailbox. What changed is found by comparing both sides with the snapshot of the last pass
# (three-way, field by field; where both changed one, what is sent overwrites). The snapshot of an item is its pair:
#   state   waiting (tracked, no record known yet), linked, frozen (untracked, not yet synchronized)
#   copy, record   the ids of both sides;  ours, theirs: their content as of the last pass;  owner, kind
#   sending        what is on its way to CRM and not known to have arrived
#   order          frozen: what untracking wants of the record
use strict;
use warnings;
use Exporter 'import';
use Stores qw(clone same content put_content new_copy new_record bury next_id @FIELDS);
use Rules qw(receives kills_record kills_copy keeps_copy_of_occurrence untracking_kills);
our @EXPORT_OK = qw(pass take_snapshot);

# `crash` is { item, stage } or undef.
sub pass {
    my ($world, $box, $crash) = @_;
    for my $uid (@{ $world->{order} }) {
        my $stage = $crash && $crash->{item} eq $uid ? $crash->{stage} : '';
        return if $stage eq 'before-upload';
        my $s = { world => $world, box => $box, crm => $world->{server}{crm}, user => $box->{user}, uid => $uid };
        acknowledge($s);
        send_item($s);
        return if $stage eq 'before-acknowledgement';
        acknowledge($s);
        return if $stage eq 'before-erase';
        fetch_item($s);
        return if $stage eq 'done';
    }
    return;
}

sub take_snapshot {
    my ($pair, $copy, $record) = @_;
    %$pair = (
        state => 'linked', copy => $copy->{id}, record => $record->{id}, kind => $record->{kind},
        owner => $record->{owner}, ours => content($copy), theirs => content($record),
    );
    return;
}

sub find {
    my ($s) = @_;
    my $pair = $s->{box}{pairs}{ $s->{uid} };
    my $copy = $s->{box}{copies}{ $s->{uid} };
    undef $copy if $pair && $copy && $copy->{id} ne $pair->{copy};
    my $record = $s->{crm}{records}{ $s->{uid} };
    return ($pair, $copy, $record);
}

sub forget { my ($s) = @_; delete $s->{box}{pairs}{ $s->{uid} }; return }

# What was on its way is compared with CRM: has it arrived?
sub acknowledge {
    my ($s) = @_;
    my ($pair, $copy, $record) = find($s);
    my $sent = $pair && delete $pair->{sending} or return;
    if ($sent->{create}) {
        return if $pair->{state} ne 'waiting';
        my $made = $record && $record->{id} eq $sent->{create} ? $record : $s->{crm}{graves}{ $sent->{create} } or return;
        @{$pair}{qw(state record kind owner)} = ('linked', $made->{id}, $made->{kind}, $s->{user});
        @{$pair}{qw(ours theirs)} = (clone($sent->{content}), clone($sent->{content}));
    }
    elsif ($sent->{delete}) { forget($s) }
    elsif ($record && $record->{id} eq $pair->{record}) {
        for my $field (keys %{ $sent->{content} }) {
            my $value = $sent->{content}{$field};
            next if !same($record->{$field}, $value);
            $pair->{$_}{$field} = clone($value) for qw(ours theirs);
        }
    }
    return;
}

sub send_item {
    my ($s) = @_;
    my ($pair, $copy, $record) = find($s);
    return if !$pair;
    my $box = $s->{box};
    if ($pair->{state} eq 'frozen') {
        my $kill = $record && may_delete($s) && untracking_kills($pair->{order}, $record, $s->{user}, $s->{world}{now});
        bury($s->{crm}, $s->{uid}) if $kill;
    }
    elsif ($pair->{state} eq 'waiting') {
        return forget($s) if !$copy;
        return if $pair->{held} || $record;
        my %item = (%{ $s->{world}{items}{ $s->{uid} } }, record => $copy->{record});
        $pair->{sending} = { create => next_id(), content => content($copy) };
        my $new = new_record($s->{crm}, \%item, $s->{user});
        put_content($new, $pair->{sending}{content});
        $new->{id} = $pair->{sending}{create};
        $new->{status} = 'completed' if $new->{kind} eq 'email' && $new->{status} eq 'open';
    }
    else {
        my $there = $record && $record->{id} eq $pair->{record};
        return forget($s) if !$copy && !$there;
        return if !$there;
        if ($copy) { send_changes($s, $pair, $copy, $record) }
        else {
            $pair->{sending} = { delete => 1 };
            bury($s->{crm}, $s->{uid}) if may_delete($s) && kills_record($record);
        }
    }
    return;
}

sub may_delete { my ($s) = @_; return $s->{world}{users}{ $s->{user} }{may_delete} }

# The three-way comparison, field by field. A closed record takes nothing but lost occurrences,
# and of a message what it is regarding.
sub send_changes {
    my ($s, $pair, $copy, $record) = @_;
    my %sent;
    for my $field (@FIELDS) {
        next if same($copy->{$field}, $pair->{ours}{$field});
        next if $record->{status} ne 'open' && !($record->{kind} eq 'email' && $field eq 'regarding');
        $sent{$field} = clone($copy->{$field});
    }
    $pair->{sending} = { content => \%sent } if %sent;
    put_content($record, \%sent);
    return if !$copy->{occurrences} || !may_delete($s);
    for my $n (lost($pair->{ours}, $copy)) { Actions::drop_occurrence($record, $n) if has($record, $n) }
    return;
}

sub has { my ($x, $n) = @_; return scalar grep { $_ == $n } @{ $x->{occurrences} } }

sub lost { my ($was, $is) = @_; return grep { !has($is, $_) } @{ $was->{occurrences} } }

sub fetch_item {
    my ($s) = @_;
    my ($pair, $copy, $record) = find($s);
    my ($box, $uid, $user, $now) = (@{$s}{qw(box uid user)}, $s->{world}{now});
    if (!$pair) {
        return if !$record || $box->{known}{$uid} || !receives($record, $user);
        my $item = { %$record, name => $uid, kind => $record->{outlook}, record => $record->{kind} };
        my $new = new_copy($box, $item);
        put_content($new, content($record));
        link_to($s, $box->{pairs}{$uid} = {}, $new, $record);
    }
    elsif ($pair->{state} eq 'frozen') { forget($s) }
    elsif ($pair->{state} eq 'waiting') { link_to($s, $pair, $copy, $record) if $copy && $record && !$pair->{held} }
    elsif (!$copy) { return }
    elsif ($record && $record->{id} eq $pair->{record}) {
        my $kept = $copy->{occurrences} && [ kept_occurrences($s, $pair, $copy, $record) ];
        put_content($copy, content($record));
        $copy->{occurrences} = $kept if $kept;
        take_snapshot($pair, $copy, $record);
    }
    else {
        my $dead = $s->{crm}{graves}{ $pair->{record} };
        if (kills_copy($dead, $copy, $user, $now)) { delete $box->{copies}{$uid} }
        else { $copy->{tracked} = 0 }
        forget($s);
    }
    return;
}

# The occurrences of the copy after those that CRM lost since the last pass.
sub kept_occurrences {
    my ($s, $pair, $copy, $record) = @_;
    my @left = @{ $copy->{occurrences} };
    # Whether one was moved, only the snapshot still says.
    my $then = { %$record, exceptions => $pair->{theirs}{exceptions} };
    for my $n (lost($pair->{theirs}, $record)) {
        next if @left < 2 || keeps_copy_of_occurrence($then, $n, $s->{user}, $s->{world}{now});
        @left = grep { $_ != $n } @left;
    }
    return @left;
}

# Linked to a record that is there: its content wins, with the occurrences that it has.
sub link_to {
    my ($s, $pair, $copy, $record) = @_;
    put_content($copy, content($record));
    $copy->{record}  = $record->{kind};
    $copy->{tracked} = 1;
    take_snapshot($pair, $copy, $record);
    return;
}

1;
