// Command mdesim runs a simulated Defender for Endpoint tenant and prints the
// environment variables that point the provider at it. It stops on an
// interrupt.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "mdesim:", err)
		os.Exit(1)
	}
}

// settings are the flags beside those that go straight into the options.
type settings struct {
	quotas, quiet       bool
	seed, state, caFile string
	options             mdesim.Options
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("mdesim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.options.Addr, "addr", "127.0.0.1:8765", "where the API listens")
	flags.StringVar(&s.options.AuthorityAddr, "authority-addr", "127.0.0.1:8766", "where the HTTPS token endpoint listens")
	flags.StringVar(&s.options.TenantID, "tenant-id", mdesim.DefaultTenantID, "the tenant's id; a second tenant wants one of its own, and its own addresses")
	flags.StringVar(&s.caFile, "ca-file", filepath.Join(os.TempDir(), "mdesim-ca.pem"), "the token endpoint's CA; made when it does not exist")
	flags.BoolVar(&s.quotas, "quotas", false, "keep the documented quotas")
	flags.DurationVar(&s.options.Minute, "minute", time.Minute, "length of a quota minute")
	flags.StringVar(&s.seed, "seed", "", "JSON file with the tenant's first content")
	flags.StringVar(&s.state, "state", "", "file that keeps the tenant from one start to the next")
	flags.DurationVar(&s.options.Timing.Start, "start-after", 2*time.Second, "how long a live-response run is pending")
	flags.DurationVar(&s.options.Timing.Command, "command-takes", time.Second, "how long a live-response command takes")
	flags.DurationVar(&s.options.Timing.Settle, "settle-after", time.Second, "how long after its last command a run ends")
	flags.BoolVar(&s.quiet, "quiet", false, "do not print calls")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	var err error
	if s.caFile, err = filepath.Abs(s.caFile); err != nil {
		return s, err
	}
	if s.quotas {
		s.options.Quotas = mdesim.DocumentedQuotas()
	}
	return s, nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if s.options.CA, err = readIfExists(s.caFile); err != nil {
		return err
	}
	if !s.quiet {
		s.options.OnCall = printCalls(stderr)
	}
	server, err := mdesim.Start(s.options)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := fill(server, s); err != nil {
		return err
	}
	// The key beside the certificate keeps the CA the same at the next start.
	if err := os.WriteFile(s.caFile, server.CABundlePEM(), 0o600); err != nil {
		return fmt.Errorf("writing the CA: %w", err)
	}
	printEnvironment(stdout, server, s.caFile)
	<-ctx.Done()
	return end(server, s.state)
}

// fill loads what an earlier process saved, else the seed.
func fill(server *mdesim.Server, s settings) error {
	if s.state != "" {
		data, err := readIfExists(s.state)
		if err != nil {
			return err
		}
		if data != nil {
			return server.Load(data)
		}
	}
	if s.seed == "" {
		return nil
	}
	data, err := os.ReadFile(s.seed)
	if err != nil {
		return fmt.Errorf("reading the seed: %w", err)
	}
	var seed mdesim.Seed
	if err := json.Unmarshal(data, &seed); err != nil {
		return fmt.Errorf("reading the seed %s: %w", s.seed, err)
	}
	server.Seed(seed)
	return nil
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

func printEnvironment(w io.Writer, server *mdesim.Server, caFile string) {
	fmt.Fprintf(w, `# A simulated Defender for Endpoint tenant. Paste this into another shell:
export MDE_ENDPOINT=%s
export MDE_TENANT_ID=%s
export MDE_CLIENT_ID=%s
export MDE_CLIENT_SECRET=%s
export MDE_AUTHORITY_HOST=%s
export SSL_CERT_FILE=%s
# or, without signing in, in place of the last five:
# export MDE_ACCESS_TOKEN=%s
# One machine is there: %s. Journal and state: %s/sim/journal, %s/sim/state
`, server.URL(), server.TenantID(), server.ClientID(), server.ClientSecret(), server.AuthorityURL(), caFile,
		server.AccessToken(), mdesim.DefaultMachineID, server.URL(), server.URL())
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
