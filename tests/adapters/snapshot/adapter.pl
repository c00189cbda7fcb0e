#!/usr/bin/perl
# The adapter: requests come in on standard input, answers go out on standard output.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use World;

$| = 1;
my $json = JSON::PP->new->utf8->canonical;
my $world;

sub capabilities {
    my @everywhere = qw(create-in-crm edit-in-crm delete-in-crm assign);
    my @crm = (@everywhere, qw(set-regarding complete-in-crm cancel));
    my @outlook = qw(create-in-outlook edit-in-outlook delete-in-outlook soft-delete-in-outlook move-away-in-outlook
        track track-as untrack untrack-answer);
    my @occurrence = qw(delete-occurrence-in-outlook delete-occurrence-in-crm);
    my %operations = (
        (map { $_ => \@everywhere } qw(account lead opportunity case)),
        contact => [ @everywhere, @outlook, 'set-parent' ],
        email => [ @crm, @outlook ],
        (map { $_ => [ @crm, @outlook, 'complete-in-outlook' ] } qw(task phone-call letter fax)),
        (map { $_ => [ @crm, @outlook, qw(complete-in-outlook change-organizer) ] }
                qw(appointment meeting-request service-activity)),
        'recurring-appointment' => [ @crm, @outlook, @occurrence, qw(complete-in-outlook change-organizer) ],
    );
    my @fields = qw(title when status organizer owner regarding parent required optional occurrences exceptions record
        tracked count);
    return {
        kinds => { map { $_ => { operations => $operations{$_}, fields => \@fields } } keys %operations },
        operations => [
            qw(connect disconnect go-offline go-online synchronize server-synchronize
                choose-synchronizing-computer wait crash crash-item crash-stage delegate web several)
        ],
        clock => 'live', store_clock => 'live',
        map { $_ => JSON::PP::true } qw(stepped roles users computers caches prompts),
    };
}

my %method = (
    initialize => sub { return { protocol => 1, name => 'snapshot', version => '1', capabilities => capabilities() } },
    reset => sub { $world = World->new($_[0]); return { answer => 'done' } },
    apply => sub { return { answers => [ map { $world->step($_) } @{ $_[0]{steps} } ] } },
    observe => sub { return { entries => $world->observe } },
    settle => sub { $world->settle for 1 .. 3; return { answer => 'done' } },
    shutdown => sub { return undef },
);

while (my $line = <STDIN>) {
    my $request = $json->decode($line);
    my %response = (jsonrpc => '2.0', id => $request->{id});
    if (my $code = $method{ $request->{method} }) {
        my $result = eval { $code->($request->{params}) };
        if ($@) { $response{error} = { code => -32000, message => "$@" }; warn $@ }
        else { $response{result} = $result }
    }
    else { $response{error} = { code => -32601, message => "no method $request->{method}" } }
    print $json->encode(\%response), "\n";
    last if $request->{method} eq 'shutdown';
}
