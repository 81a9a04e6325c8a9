// Command measure stands in for a provider's binary: it runs the binary that
// MDEBENCH_PROVIDER names and, when that has ended, leaves what it took of the
// machine in the folder MDEBENCH_USAGE. Terraform talks to the provider itself.
package main

import (
	"errors"
	"log"
	"os"
	"os/exec"
	"os/signal"

	"github.com/mde-as-code/terraform-provider-mde/internal/bench"
)

func main() {
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)                // The provider decides, and this outlives it.
	cmd := exec.Command(os.Getenv("MDEBENCH_PROVIDER"), os.Args[1:]...) //nolint:noctx // It ends when Terraform ends it.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		log.Fatal(err)
	}
	if err := bench.UsageOf(cmd.ProcessState).Save(os.Getenv("MDEBENCH_USAGE")); err != nil {
		log.Fatal(err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}
