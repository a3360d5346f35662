import { createHash } from "node:crypto";
import { CLASSES } from "./classes.ts";
import { everyForm } from "./forms.ts";
import { SETTINGS_FILES } from "./settings.ts";

interface RootHelper {
  /** A number for the form of the request, and the digest of the program and its list. */
  readonly version: string;
  readonly text: string;
  /** SHA-256 of the text, as `sha256sum` prints it. */
  readonly digest: string;
}

let made: RootHelper | null = null;

/** Made at the first use: most starts of the bot don't need it. */
export function rootHelper(): RootHelper {
  made ??= withVersion(`${PROGRAM}${listText()}`);
  return made;
}

function withVersion(program: string): RootHelper {
  const version = `1-${sha256(program).slice(0, 16)}`;
  const text = program.replaceAll("@VERSION@", version);
  return { version, text, digest: sha256(text) };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What it allows, after the program's end: classes of words, settings files, and one line for each form. */
function listText(): string {
  const classes = Object.entries(CLASSES).map(([name, regex]) => `class ${name} = ${regex}`);
  const settings = Object.entries(SETTINGS_FILES).map(
    ([path, name]) => `settings ${path} <${name}-setting> <${name}-line>`,
  );
  const runs = everyForm().map(({ argv, stdin }) => {
    const input = stdin === null ? "" : "class" in stdin ? ` << <${stdin.class}>` : ` << ${stdin.settings}`;
    return `run ${argv.map(word).join(" ")}${input}`;
  });
  return [...classes, "", ...settings, "", ...runs, ""].join("\n");
}

/** `<device>` is a class and `…` a repetition. Every other unusual character is written as `\x20`. */
function word(text: string): string {
  if (text === "") return "\\e";
  const repeated = text.endsWith("…");
  const parts = (repeated ? text.slice(0, -1) : text).split(/(<[a-z-]+>|^<\(>$|^<\)\*>$)/);
  return `${parts.map((part, index) => (index % 2 === 1 ? part : escaped(part))).join("")}${repeated ? "..." : ""}`;
}

const escaped = (text: string): string =>
  text.replace(/[^A-Za-z0-9_@%+=:,./{};*!()|"'?[\]$&~-]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });

const PROGRAM = String.raw`#!/usr/bin/perl -T
# zstack-chatops-run @VERSION@
#
# Runs host commands of zstack-chatops as root, and no others. sudoers allows this file alone to a user without root.
# The list after __DATA__ says what it runs. "host prepare" installs it; it is made from the bot's code.
#
# Standard input, each field with a byte 0 at its end:
#   zstack-chatops-run 1 MARK COUNT BYTES, then for each command SECONDS UNIT WORDS WORD...; then BYTES bytes
# for the standard input of a single command. UNIT: if systemd does not run it, the command does not run either.
# After each command, "MARK EXIT-CODE" goes to standard output and MARK to standard error. Without commands it prints
# its version.
use strict;
use warnings;

my $VERSION = '@VERSION@';
my $PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
my ($MOST_BYTES, $MOST_COMMANDS, $MOST_WORDS, $MOST_SECONDS) = (16 * 1024 * 1024, 10_000, 20_000, 3_600);
my $MOST_LINE = 120;

%ENV = (HOME => '/root', LC_ALL => 'C', PATH => $PATH);
chdir '/' or refuse('there is no root directory');
umask 022;
$| = 1;

my (%class, %settings, @forms);
read_list();
my ($mark, $input, @commands) = request();
if (@commands == 0) {
    print "zstack-chatops-run $VERSION\n";
    exit 0;
}
print STDERR "\n$mark\n";
for my $command (@commands) {
    my $code = exit_code(@$command);
    print "\n$mark $code\n";
    print STDERR "\n$mark\n";
}
exit 0;

# Nothing has run.
sub refuse {
    my ($why) = @_;
    print STDERR "zstack-chatops-run: $why\n";
    exit 126;
}

sub read_list {
    while (my $line = <DATA>) {
        # Untaints: the list is part of this file.
        ($line) = $line =~ /\A(.*)\n\z/ or refuse('its list is cut off');
        next if $line eq '';
        if ($line =~ /\Aclass ([a-z-]+) = (.*)\z/) { $class{$1} = $2; next; }
        if ($line =~ /\Asettings (\S+) <([a-z-]+)> <([a-z-]+)>\z/) { $settings{$1} = [$2, $3]; next; }
        $line =~ /\Arun (.+?)(?: << (\S+))?\z/ or refuse('a line of its list is unknown');
        push @forms, [$1, $2];
    }
}

# The complete request, checked in its form before anything runs.
sub request {
    my $text = '';
    binmode STDIN;
    while (1) {
        my $read = sysread STDIN, $text, 65_536, length $text;
        refuse("standard input: $!") unless defined $read;
        last if $read == 0;
        refuse('the request is too long') if length $text > $MOST_BYTES;
    }
    my $at = 0;
    my $field = sub {
        my $end = index $text, "\0", $at;
        refuse('the request is cut off') if $end < 0;
        my $value = substr $text, $at, $end - $at;
        $at = $end + 1;
        return $value;
    };
    my $number = sub {
        my ($least, $most) = @_;
        my ($value) = $field->() =~ /\A([0-9]{1,9})\z/ or refuse('the request has no number');
        refuse("the request has the number $value") if $value < $least || $value > $most;
        return $value;
    };
    refuse('standard input is no request') if $field->() ne 'zstack-chatops-run';
    refuse('the form of the request is unknown') if $field->() ne '1';
    my ($mark) = $field->() =~ /\A(--[0-9a-f-]{36}--)\z/ or refuse('the request has no mark');
    my ($count, $bytes) = ($number->(0, $MOST_COMMANDS), $number->(0, $MOST_BYTES));
    my @commands;
    for (1 .. $count) {
        my ($seconds, $unit) = ($number->(1, $MOST_SECONDS), $field->());
        my @words = map { $field->() } 1 .. $number->(1, $MOST_WORDS);
        push @commands, [$seconds, $unit, \@words];
    }
    my $input = substr $text, $at;
    refuse('the request is cut off') if length $input != $bytes;
    refuse('standard input is for one command') if $bytes > 0 && $count != 1;
    return ($mark, $input, map { [@$_, $input] } @commands);
}

sub exit_code {
    my ($seconds, $unit, $words, $input) = @_;
    my $allowed = allowed($words, $input);
    my ($known) = $unit =~ /\A((?:$class{unit})?)\z/;
    unless (defined $allowed && defined $known) {
        my $shown = join ' ', grep { $_ ne '' } $unit, @$words;
        $shown =~ s/[^\x20-\x7e]/?/g;
        print STDERR 'zstack-chatops-run: not in its list: ', substr($shown, 0, 300), "\n";
        return 126;
    }
    my @limit = ('timeout', '--kill-after=5');
    return 1 if $known ne '' && run('', @limit, 2, 'systemctl', 'is-active', '--quiet', $known) == 3;
    return run($input, @limit, $seconds, @$allowed);
}

# The words, untainted, if a form has them and the input; otherwise nothing.
sub allowed {
    my ($words, $input) = @_;
    my $line = join '', map { "\0$_" } @$words;
    for my $form (@forms) {
        my ($text, $takes) = @$form;
        # The first word has no class.
        next if index("$text ", "$words->[0] ") != 0;
        my $regex = $form->[2] ||= regex_of($text);
        my ($found) = $line =~ $regex or next;
        next unless takes($takes, $input);
        my (undef, @untainted) = split /\0/, $found, -1;
        return \@untainted;
    }
    return undef;
}

sub regex_of {
    my ($text) = @_;
    my $regex = '';
    for my $word (split / /, $text) {
        if ($word eq '<(>') { $regex .= '(?:'; next }
        if ($word eq '<)*>') { $regex .= ')*'; next }
        my $repeated = $word =~ s/\.\.\.\z//;
        my $one = '\x00';
        for my $part (split /(<[a-z-]+>)/, $word) {
            if ($part =~ /\A<([a-z-]+)>\z/) { $one .= "(?:$class{$1})"; next }
            $part =~ s/\\e//g;
            $part =~ s/\\x([0-9a-f]{2})/chr hex $1/ge;
            $one .= quotemeta $part;
        }
        $regex .= $repeated ? "(?:$one)+" : $one;
    }
    return qr/\A($regex)\z/;
}

sub takes {
    my ($takes, $input) = @_;
    return $input eq '' unless defined $takes;
    return $input =~ /\A(?:$class{$1})\z/ if $takes =~ /\A<([a-z-]+)>\z/;
    return changes_settings_only($takes, $input);
}

# Each new line is a line of the file now, or differs from one by known settings only. Or it is a known line.
# A line that differs is short: sanlock and multipath cut a long one, and read its rest as the next line.
sub changes_settings_only {
    my ($path, $input) = @_;
    my ($setting, $own) = map { $class{$_} } @{$settings{$path}};
    my (%now, %bare);
    if (open my $file, '<', $path) {
        while (my $line = <$file>) {
            $line =~ s/\r?\n\z//;
            $now{$line} = $bare{bare($line, $setting)} = 1;
        }
        close $file;
    }
    for my $line (split /\r?\n/, $input) {
        next if $now{$line};
        return 0 if length $line > $MOST_LINE;
        my $bare = bare($line, $setting);
        next if $bare{$bare} || $bare{"$bare }"} || $bare =~ /\A(?:$own)\z/;
        return 0;
    }
    return 1;
}

# A line without these settings. A setting ends where the program of the file sees its end, too.
sub bare {
    my ($line, $setting) = @_;
    $line =~ s/\A[ \t]*\x23[ \t]*(?:$setting)[ \t]*\z//;
    $line =~ s/(?<![^ \t{])(?:$setting)(?![^ \t}\x23])//g;
    $line =~ s/[ \t]+/ /g;
    $line =~ s/\A | \z//g;
    return $line;
}

# Runs a program without a shell. Its exit code is as a shell reports it.
sub run {
    my ($input, @words) = @_;
    my ($reader, $writer, $feeder);
    if ($input ne '') {
        pipe $reader, $writer or return failed("pipe: $!");
        $feeder = fork;
        return failed("fork: $!") unless defined $feeder;
        if ($feeder == 0) {
            close $reader;
            print {$writer} $input;
            close $writer;
            exit 0;
        }
        close $writer;
    }
    my $child = fork;
    return failed("fork: $!") unless defined $child;
    if ($child == 0) {
        (defined $reader ? open STDIN, '<&', $reader : open STDIN, '<', '/dev/null') or exit failed("standard input: $!");
        { no warnings 'exec'; exec {$words[0]} @words }
        exit failed("$words[0]: $!");
    }
    close $reader if defined $reader;
    waitpid $child, 0;
    my $status = $?;
    if (defined $feeder) {
        kill 'TERM', $feeder;
        waitpid $feeder, 0;
    }
    return $status & 127 ? 128 + ($status & 127) : $status >> 8;
}

sub failed {
    my ($why) = @_;
    print STDERR "zstack-chatops-run: $why\n";
    return 127;
}

__DATA__
`;
