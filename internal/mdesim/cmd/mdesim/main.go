// Command mdesim runs a simulated Defender for Endpoint tenant and prints the
// environment variables that point the provider at it, until an interrupt. With
// a command as its arguments it runs that against the tenant, and ends with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// version is set by the linker: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err))
}

// exitCode is that of the command that was run, if it failed by itself.
func exitCode(err error) int {
	var failed *exec.ExitError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &failed) && failed.ExitCode() > 0:
		return failed.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "mdesim:", err)
	return 1
}

// settings are the flags beside those that go straight into the options.
type settings struct {
	version, quotas, quiet bool
	seed, state, caFile    string
	options                mdesim.Options
	// command is run against the tenant; without one it is served until an
	// interrupt.
	command []string
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("mdesim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: mdesim [flags]                    serve a tenant, and print the variables for another shell\n"+
			"       mdesim [flags] command [args]     run a command against a tenant, such as terraform test\n\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&s.options.Addr, "addr", "", "`address` of the API (default 127.0.0.1:8765; for a command, a free port)")
	flags.StringVar(&s.options.AuthorityAddr, "authority-addr", "", "`address` of the HTTPS token endpoint (default 127.0.0.1:8766; for a command, a free port)")
	flags.StringVar(&s.options.TenantID, "tenant-id", mdesim.DefaultTenantID, "the tenant's `id`; a second tenant wants one of its own, and its own addresses")
	flags.StringVar(&s.caFile, "ca-file", filepath.Join(os.TempDir(), "mdesim-ca.pem"), "`file` with the token endpoint's CA; made when it does not exist")
	flags.BoolVar(&s.quotas, "quotas", false, "keep the documented quotas")
	flags.DurationVar(&s.options.Minute, "minute", time.Minute, "length of a quota minute")
	flags.StringVar(&s.seed, "seed", "", "YAML or JSON `file` with the tenant's first content")
	flags.StringVar(&s.state, "state", "", "`file` that keeps the tenant from one start to the next")
	flags.DurationVar(&s.options.Timing.Start, "start-after", 2*time.Second, "how long a live-response run is pending")
	flags.DurationVar(&s.options.Timing.Command, "command-takes", time.Second, "how long a live-response command takes")
	flags.DurationVar(&s.options.Timing.Settle, "settle-after", time.Second, "how long after its last command a run ends")
	flags.BoolVar(&s.quiet, "quiet", false, "do not print calls")
	flags.BoolVar(&s.version, "version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.command = flags.Args()
	return s, s.complete()
}

// complete turns what the flags say into options.
func (s *settings) complete() (err error) {
	if len(s.command) == 0 {
		or(&s.options.Addr, "127.0.0.1:8765")
		or(&s.options.AuthorityAddr, "127.0.0.1:8766")
	}
	if s.caFile, err = filepath.Abs(s.caFile); err != nil {
		return err
	}
	if s.quotas {
		s.options.Quotas = mdesim.DocumentedQuotas()
	}
	if s.seed == "" {
		return nil
	}
	data, err := os.ReadFile(s.seed)
	if err != nil {
		return fmt.Errorf("reading the seed: %w", err)
	}
	if s.options.Seed, err = mdesim.DecodeSeed(data); err != nil {
		return fmt.Errorf("reading the seed %s: %w", s.seed, err)
	}
	return nil
}

func or(text *string, fallback string) {
	if *text == "" {
		*text = fallback
	}
}

// run serves until ctx or the command ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if s.version {
		_, err := fmt.Fprintln(stdout, "mdesim", version)
		return err
	}
	if !s.quiet {
		s.options.OnCall = printCalls(stderr)
	}
	if s.options.CA, err = readIfExists(s.caFile); err != nil {
		return fmt.Errorf("reading the CA: %w", err)
	}
	server, err := mdesim.Start(s.options)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := load(server, s.state); err != nil {
		return err
	}
	if len(s.command) > 0 {
		err = execute(ctx, s.command, server, stdout, stderr)
	} else {
		err = serve(ctx, server, s.caFile, stdout)
	}
	return errors.Join(err, end(server, s.state))
}

// serve tells how to reach the tenant and waits for an interrupt.
func serve(ctx context.Context, server *mdesim.Server, caFile string, stdout io.Writer) error {
	// The key beside the certificate keeps the CA the same at the next start.
	if err := os.WriteFile(caFile, server.CABundlePEM(), 0o600); err != nil {
		return fmt.Errorf("writing the CA: %w", err)
	}
	printEnvironment(stdout, server, caFile)
	<-ctx.Done()
	return nil
}

// execute runs a command against the tenant. An interrupt reaches it from the
// terminal, as it reaches this process: it alone decides when to end.
func execute(ctx context.Context, command []string, server *mdesim.Server, stdout, stderr io.Writer) error {
	c := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...)
	c.Env = append(os.Environ(), withoutSigningIn(server)...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, stdout, stderr
	return c.Run()
}

// load brings back what an earlier process has saved; without it, the tenant
// keeps its seed.
func load(server *mdesim.Server, state string) error {
	if state == "" {
		return nil
	}
	data, err := readIfExists(state)
	if err != nil || data == nil {
		return err
	}
	return server.Load(data)
}

// end lets running calls finish and saves the state.
func end(server *mdesim.Server, state string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// A client that keeps a call open is cut off.
	_ = server.Shutdown(ctx)
	if state == "" {
		return nil
	}
	data, err := server.Save()
	if err != nil {
		return err
	}
	return os.WriteFile(state, data, 0o600)
}

// readIfExists returns nothing for a file that is not there.
func readIfExists(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// printCalls prints a line for every call.
func printCalls(w io.Writer) func(mdesim.Call) {
	var mu sync.Mutex
	return func(call mdesim.Call) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(w, "%s %d %s %s\n", call.At.Format(time.TimeOnly), call.Status, call.Method, call.Path)
	}
}
