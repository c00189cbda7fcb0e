package World;
# People, their computers and the clock; who may do what where; and what an observer sees.
use strict;
use warnings;
use Stores qw(clone new_box new_crm new_copy new_record);
use Rules qw(instant);
use Actions qw(plan enter);
use Sync qw(pass take_snapshot);
use JSON::PP ();

my %DONE    = (answer => 'done');
my $REFUSED = { answer => 'refused' };

sub new {
    my ($class, $p) = @_;
    my $self = bless {
        now => instant($p->{now}), users => {}, computers => {}, items => {}, order => [],
        server => { boxes => {}, crm => new_crm() },
    }, $class;
    for my $user (@{ $p->{users} }) {
        $self->{users}{ $user->{name} } = { %$user, may_delete => $user->{may_delete} ? 1 : 0 };
        $self->{server}{boxes}{ $user->{name} } = new_box($user->{name});
    }
    $self->{computers}{ $_->{name} } = { %$_, state => 'connected', queue => [] } for @{ $p->{computers} };
    $self->place($_) for @{ $p->{items} };
    return $self;
}

sub place {
    my ($self, $item) = @_;
    my $name = $item->{name};
    $self->{items}{$name} = $item;
    push @{ $self->{order} }, $name;
    my $record = $item->{in_crm} && new_record($self->{server}{crm}, $item, $item->{owner});
    my %tracked = map { $_ => 1 } @{ $item->{tracked} };
    for my $user (@{ $item->{copies} }) {
        my $box = $self->{server}{boxes}{$user};
        my $copy = new_copy($box, $item);
        next if !$tracked{$user};
        $copy->{tracked} = 1;
        my $pair = $box->{pairs}{$name} = { state => 'waiting', copy => $copy->{id} };
        take_snapshot($pair, $copy, $record) if $record;
    }
    return;
}

# The mailboxes that a user may act in: the own one and those of principals.
sub reach {
    my ($self, $user) = @_;
    return grep { $_ eq $user || grep { $_ eq $user } @{ $self->{users}{$_}{delegates} } } sort keys %{ $self->{users} };
}

my %ON_COMPUTER = map { $_ => 1 } qw(connect disconnect go-offline go-online synchronize restart
    choose-synchronizing-computer);

sub step {
    my ($self, $step) = @_;
    my ($op, $by, $name) = @{$step}{qw(op by computer)};
    if ($op eq 'wait') { $self->{now} += $step->{seconds}; return {%DONE} }
    return $REFUSED if !$self->{users}{$by};
    return $REFUSED if defined $step->{mailbox} && !grep { $_ eq $step->{mailbox} } $self->reach($by);
    my $computer;
    if (defined $name) {
        $computer = $self->{computers}{$name};
        return $REFUSED if !$computer || $computer->{user} ne $by;
        return $REFUSED if $computer->{state} eq 'crashed' && $op ne 'restart';
    }
    if ($ON_COMPUTER{$op}) {
        return $REFUSED if !$computer;
        (my $method = "do_$op") =~ tr/-/_/;
        return $self->$method($computer, $step) ? {%DONE} : $REFUSED;
    }
    if ($op eq 'server-synchronize') {
        return $REFUSED if $self->{users}{ $step->{mailbox} }{method} ne 'server-side';
        pass($self, $self->{server}{boxes}{ $step->{mailbox} }, $step->{crash});
        return {%DONE};
    }
    return $self->act($computer, $step);
}

# Somebody does something to items, at the servers or in what a cut-off computer holds.
sub act {
    my ($self, $computer, $step) = @_;
    my $local = $computer && $computer->{state} ne 'connected';
    my $view = $local ? $computer->{view} : $self->{server};
    return $REFUSED if !defined $step->{mailbox} && (!$view->{crm} || $local && $step->{op} eq 'assign');
    my ($entries, $asked) = plan($view, $self, $step);
    return $REFUSED if !$entries;
    for my $entry (@$entries) {
        enter($view, $self, $entry);
        push @{ $computer->{queue} }, $entry if $local;
    }
    return { %DONE, defined $asked ? (prompted => $asked ? JSON::PP::true : JSON::PP::false) : () };
}

# From now on the computer shows what it holds.
sub cut_off {
    my ($self, $computer, $state, $with_crm) = @_;
    $computer->{view} = {
        boxes => { map { $_ => clone($self->{server}{boxes}{$_}) } $self->reach($computer->{user}) },
        crm => $with_crm ? clone($self->{server}{crm}) : undef,
    };
    $computer->{state} = $state;
    return 1;
}

# It dies, and will be found in this state with what it held.
sub die_at {
    my ($self, $computer, $found) = @_;
    $self->cut_off($computer, 'crashed', 0) if $computer->{state} eq 'connected';
    @{$computer}{qw(state found)} = ('crashed', $found);
    return 1;
}

sub do_restart {
    my ($self, $computer) = @_;
    return 0 if $computer->{state} ne 'crashed';
    $computer->{state} = $computer->{found};
    return 1;
}

sub do_disconnect {
    my ($self, $computer) = @_;
    return $computer->{state} eq 'connected' && $self->cut_off($computer, 'disconnected', 0);
}

sub do_connect {
    my ($self, $computer) = @_;
    return $computer->{state} eq 'disconnected' && $self->come_back($computer);
}

# Who synchronizes whole before going offline does not synchronize on the return (X-23).
sub do_go_offline {
    my ($self, $computer, $step) = @_;
    return 0 if $computer->{state} ne 'connected';
    $self->client_pass($computer, $step->{crash}) if $self->synchronizes($computer);
    return $self->die_at($computer, 'disconnected') if $step->{crash};
    return $self->cut_off($computer, 'offline', 1);
}

sub do_go_online {
    my ($self, $computer, $step) = @_;
    return $computer->{state} eq 'offline' && $self->come_back($computer, $step->{crash});
}

# The queue goes to the servers in the order of entry. A crash leaves there what it had not sent.
# An entry whose acknowledgement got lost is known to the server by its number, and need not be kept.
sub come_back {
    my ($self, $computer, $crash) = @_;
    my %kept;
    if ($crash) {
        my $seen = 0;
        for my $uid (@{ $self->{order} }) {
            my $at = $uid eq $crash->{item};
            $kept{$uid} = 1 if $seen || $at && $crash->{stage} eq 'before-upload';
            $seen ||= $at;
        }
    }
    my @queue = @{ $computer->{queue} };
    $computer->{queue} = [ grep { $kept{ $_->{uid} } } @queue ];
    enter($self->{server}, $self, $_) for grep { !$kept{ $_->{uid} } } @queue;
    return $self->die_at($computer, 'offline') if $crash;
    $computer->{state} = 'connected';
    delete $computer->{view};
    delete $_->{held} for values %{ $self->{server}{boxes}{ $computer->{user} }{pairs} };
    return 1;
}

sub synchronizes {
    my ($self, $computer) = @_;
    return $computer->{synchronizing} && $self->{users}{ $computer->{user} }{method} eq 'outlook-client';
}

sub client_pass {
    my ($self, $computer, $crash) = @_;
    pass($self, $self->{server}{boxes}{ $computer->{user} }, $crash);
    return;
}

sub do_synchronize {
    my ($self, $computer, $step) = @_;
    return 0 if $computer->{state} ne 'connected' || $self->{users}{ $computer->{user} }{method} ne 'outlook-client';
    $self->client_pass($computer, $step->{crash}) if $computer->{synchronizing};
    return $self->die_at($computer, 'disconnected') if $step->{crash};
    return 1;
}

sub do_choose_synchronizing_computer {
    my ($self, $computer) = @_;
    my @own = grep { $_->{user} eq $computer->{user} } values %{ $self->{computers} };
    return 0 if @own < 2 || $computer->{state} ne 'connected';
    return 0 if $self->{users}{ $computer->{user} }{method} ne 'outlook-client';
    $_->{synchronizing} = 0 for @own;
    return $computer->{synchronizing} = 1;
}

sub settle {
    my ($self) = @_;
    for my $box (map { $self->{server}{boxes}{$_} } sort keys %{ $self->{users} }) {
        my ($computer) = grep { $_->{user} eq $box->{user} && $_->{synchronizing} } values %{ $self->{computers} };
        my $server = $self->{users}{ $box->{user} }{method} eq 'server-side';
        pass($self, $box) if $server || $computer && $computer->{state} eq 'connected';
    }
    return;
}

sub observe {
    my ($self) = @_;
    my $server = $self->{server};
    my @entries = map { entry($_, 'crm') } values %{ $server->{crm}{records} };
    for my $box (values %{ $server->{boxes} }) {
        push @entries, map { entry($_, 'outlook', $box->{user}) } values %{ $box->{copies} };
    }
    for my $computer (values %{ $self->{computers} }) {
        next if $computer->{state} eq 'crashed';
        my $view = $computer->{state} eq 'connected' ? $server : $computer->{view};
        for my $user ($self->reach($computer->{user})) {
            push @entries, map { entry($_, 'outlook', $user, $computer->{name}) } values %{ $view->{boxes}{$user}{copies} };
        }
    }
    return \@entries;
}

sub entry {
    my ($x, $store, $mailbox, $computer) = @_;
    my %entry = (store => $store, map { $_ => $x->{$_} } qw(kind id title dates status organizer required optional));
    $entry{$_} = $x->{$_} for grep { defined $x->{$_} } qw(address regarding parent occurrences exceptions owner);
    $entry{mailbox}  = $mailbox  if defined $mailbox;
    $entry{computer} = $computer if defined $computer;
    $entry{tracked} = $x->{tracked} ? JSON::PP::true : JSON::PP::false if $store eq 'outlook';
    return \%entry;
}

1;
