package Actions;
# What people do. A view is { boxes, crm }: the servers, or what a cut-off computer holds.
# `plan` looks whether a step is possible in a view and takes it apart into entries, one an item;
# `enter` carries an entry out. A computer without a connection enters them in its own view first,
# and in the servers when it is back. What an entry no longer finds, it leaves alone.
use strict;
use warnings;
use Exporter 'import';
use Stores qw(clone new_copy new_record bury);
use Rules qw(asks class_of);
our @EXPORT_OK = qw(plan enter);

my %IN_CRM_ONLY = map { $_ => 1 } qw(account lead opportunity case);
my %TASK_LIKE = map { $_ => 1 } qw(phone-call letter fax);

sub closed { my ($x) = @_; return $x->{status} ne 'open' }

# May this copy be tracked (again)?
sub trackable {
    my ($box, $world, $uid) = @_;
    my $copy = $box->{copies}{$uid} or return 0;
    return !$copy->{tracked} && !$box->{pairs}{$uid} && $copy->{record} ne 'service-activity'
        && !$world->{items}{$uid}{assigned};
}

# Returns undef if the step is to be refused, else entries; and whether somebody was asked.
sub plan {
    my ($view, $world, $step) = @_;
    my $uids = $step->{items} || [ $step->{item} ];
    return if grep { !$world->{items}{$_} } @$uids;
    return plan_in_outlook($view->{boxes}{ $step->{mailbox} }, $view, $world, $step, $uids) if defined $step->{mailbox};
    return plan_in_crm($view, $world, $step, $uids);
}

sub plan_in_outlook {
    my ($box, $view, $world, $step, $uids) = @_;
    my $op = $step->{op};
    my @all = map { { store => 'outlook', mailbox => $box->{user}, do => $op, uid => $_, by => $step->{by} } } @$uids;
    if ($op eq 'create') {
        return if $box->{copies}{ $step->{item} } || $IN_CRM_ONLY{ $world->{items}{ $step->{item} }{kind} };
        return \@all;
    }
    my @copies = map { $box->{copies}{$_} || return } @$uids;
    if ($op eq 'edit') {
        return if $copies[0]{kind} eq 'email';
        $all[0]{change} = clone($step->{change});
    }
    elsif ($op eq 'complete') {
        return if closed($copies[0]) || $copies[0]{kind} =~ /^(contact|email)$/;
        @{ $all[0] }{qw(do change)} = ('edit', { status => 'completed' });
    }
    elsif ($op eq 'delete') {
        if (defined(my $n = $step->{occurrence})) {
            my $left = $copies[0]{occurrences} || return;
            return if @$left < 2 || !grep { $_ == $n } @$left;
            @{ $all[0] }{qw(do occurrence)} = ('drop', $n);
        }
    }
    elsif ($op eq 'track') {
        my %kinds = map { $_->{kind} => 1 } @copies;
        return if keys %kinds > 1 || @copies > 20 || grep { !trackable($box, $world, $_) } @$uids;
        for my $i (0 .. $#copies) {
            my $record = $step->{record} // $world->{items}{ $uids->[$i] }{record};
            return if $record ne $world->{items}{ $uids->[$i] }{record}
                && !($copies[$i]{kind} eq 'task' && ($TASK_LIKE{$record} || $record eq 'task'));
            $all[$i]{record} = $record;
        }
    }
    elsif ($op eq 'untrack') {
        return if grep { my $p = $box->{pairs}{$_}; !$p || $p->{state} eq 'frozen' } @$uids;
        my $asked = 0;
        for my $entry (@all) {
            my $pair = $box->{pairs}{ $entry->{uid} };
            $entry->{order} = 'no';
            next if !$step->{computer} || $pair->{state} ne 'linked';
            if (asks($pair->{kind}, $pair->{owner}, $box->{user})) {
                $asked = 1;
                $entry->{order} = $step->{yes} ? 'yes' : 'no';
            }
            else { $entry->{order} = 'always' }
        }
        return \@all, $asked;
    }
    elsif ($op eq 'set-regarding' || $op eq 'set-parent') {
        my $contact = $op eq 'set-parent' ? 1 : 0;
        return if grep { ($_->{kind} eq 'contact' ? 1 : 0) != $contact } @copies;
        return if $contact && !may_be_parent($world, $step->{to});
        return if grep { !$box->{copies}{$_}{tracked} && !trackable($box, $world, $_) } @$uids;
        my $field = $contact ? 'parent' : 'regarding';
        @{$_}{qw(do change track)} = ('edit', { $field => $step->{to} }, 1) for @all;
        $_->{record} = $world->{items}{ $_->{uid} }{record} for @all;
    }
    else { return }
    return \@all;
}

# A contact belongs to an account or a contact.
sub may_be_parent {
    my ($world, $uid) = @_;
    return $world->{items}{$uid}{kind} =~ /^(account|contact)$/;
}

sub plan_in_crm {
    my ($view, $world, $step, $uids) = @_;
    my ($op, $records) = ($step->{op}, $view->{crm}{records});
    my @all = map { { store => 'crm', do => $op, uid => $_, by => $step->{by} } } @$uids;
    my $may = $world->{users}{ $step->{by} }{may_delete};
    if ($op eq 'create') { return $records->{ $step->{item} } ? undef : \@all }
    my @found = map { $records->{$_} || return } @$uids;
    if ($op eq 'delete') {
        return if !$may;
        if (defined(my $n = $step->{occurrence})) {
            my $left = $found[0]{occurrences} || return;
            return if @$left < 2 || !grep { $_ == $n } @$left;
            @{ $all[0] }{qw(do occurrence)} = ('drop', $n);
        }
        return \@all;
    }
    return if $op eq 'set-parent' && !may_be_parent($world, $step->{to});
    my ($field, $value) = @{
        {
            'complete'         => [ 'status',    'completed' ],
            'cancel'           => [ 'status',    'cancelled' ],
            'assign'           => [ 'owner',     $step->{to} ],
            'change-organizer' => [ 'organizer', $step->{to} ],
            'set-regarding'    => [ 'regarding', $step->{to} ],
            'set-parent'       => [ 'parent',    $step->{to} ],
        }->{$op} || []
    };
    my $change = $op eq 'edit' ? clone($step->{change}) : defined $field ? { $field => $value } : return;
    for my $record (@found) {
        my $class = class_of($record->{kind});
        return if !may_change($record, $change);
        return if $change->{status} && $class =~ /^(contact|other)$/;
        return if exists $change->{parent} && $class ne 'contact';
        return if exists $change->{regarding} && $class =~ /^(contact|other)$/;
        return if exists $change->{organizer} && $class !~ /^(appointment|series)$/;
    }
    @{$_}{qw(do change)} = ('edit', $change) for @all;
    return \@all;
}

# A closed activity keeps its title, dates, organizer, regarding and status; a message may be set regarding.
sub may_change {
    my ($record, $change) = @_;
    return 1 if !closed($record) || exists $change->{owner};
    return 1 if $record->{kind} eq 'email' && exists $change->{regarding};
    return 0;
}

sub put_change {
    my ($x, $change) = @_;
    $change = { dates => Stores::tidy_dates($change->{dates}) } if $change->{dates};
    $x->{$_} = clone($change->{$_}) for keys %$change;
    return;
}

sub drop_occurrence {
    my ($x, $n) = @_;
    return if !$x->{occurrences} || @{ $x->{occurrences} } < 2;
    # What is gone was not moved either.
    $x->{$_} = [ grep { $_ != $n } @{ $x->{$_} || [] } ] for qw(occurrences exceptions);
    return;
}

sub enter {
    my ($view, $world, $e) = @_;
    return $e->{store} eq 'crm' ? enter_in_crm(@_) : enter_in_outlook($view->{boxes}{ $e->{mailbox} }, $world, $e);
}

sub enter_in_crm {
    my ($view, $world, $e) = @_;
    my ($crm, $uid) = ($view->{crm}, $e->{uid});
    my $record = $crm->{records}{$uid};
    if ($e->{do} eq 'create') { new_record($crm, $world->{items}{$uid}, $e->{by}) if !$record }
    elsif (!$record) { }
    elsif ($e->{do} eq 'delete') { bury($crm, $uid) }
    elsif ($e->{do} eq 'drop') { drop_occurrence($record, $e->{occurrence}) }
    elsif (may_change($record, $e->{change})) { put_change($record, $e->{change}) }
    return;
}

sub enter_in_outlook {
    my ($box, $world, $e) = @_;
    my $uid  = $e->{uid};
    my $copy = $box->{copies}{$uid};
    my $pair = $box->{pairs}{$uid};
    if ($e->{do} eq 'create') { new_copy($box, $world->{items}{$uid}) if !$copy; return }
    return if !$copy;
    if ($e->{do} eq 'delete') { delete $box->{copies}{$uid} }
    elsif ($e->{do} eq 'drop') { drop_occurrence($copy, $e->{occurrence}) }
    elsif ($e->{do} eq 'untrack') {
        return if !$pair || $pair->{state} eq 'frozen';
        $copy->{tracked} = 0;
        if ($pair->{state} eq 'linked') { @{$pair}{qw(state order)} = ('frozen', $e->{order}) }
        else { delete $box->{pairs}{$uid} }
    }
    else {
        if (($e->{do} eq 'track' || $e->{track}) && !$copy->{tracked}) {
            return if !trackable($box, $world, $uid);    # frozen meanwhile, or unlinked and not to be tracked
            track($box, $world, $e, $copy);
        }
        # What was closed meanwhile is overwritten too; a record that is closed takes it back.
        put_change($copy, $e->{change}) if $e->{change};
    }
    return;
}

# A copy shows as tracked at once; its record comes with the next synchronization (X-14).
# A delegate's tracking is held back until a computer of the principal is connected.
sub track {
    my ($box, $world, $e, $copy) = @_;
    $copy->{tracked} = 1;
    $copy->{record}  = $e->{record};
    my $there = grep { $_->{user} eq $box->{user} && $_->{state} eq 'connected' } values %{ $world->{computers} };
    $box->{pairs}{ $e->{uid} } =
        { state => 'waiting', copy => $copy->{id}, held => $e->{by} ne $box->{user} && !$there ? 1 : 0 };
    return;
}

1;
