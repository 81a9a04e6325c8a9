// Command demo is a tour of the provider: it takes the configuration in
// examples/demo through its life with real Terraform, against a simulated
// tenant, and fails where anything is not as told. It works in a folder of its
// own and leaves the user's Terraform configuration alone.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func main() {
	log.SetFlags(0)
	terraform := flag.String("terraform", "terraform", "path of terraform or tofu")
	config := flag.String("config", "examples/demo", "folder of the configuration")
	flag.Parse()
	if err := run(*terraform, *config); err != nil {
		log.Fatalf("\nThe demo failed: %v", err)
	}
}

func run(terraform, config string) error {
	begin := time.Now()
	tenant, err := mdesim.Start(mdesim.Options{Quotas: mdesim.DocumentedQuotas()})
	if err != nil {
		return err
	}
	defer tenant.Close()
	dir, err := os.MkdirTemp("", "mde-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	t := &tour{dir: dir, terraform: terraform, tenant: tenant}
	if err := t.prepare(ctx, config); err != nil {
		return err
	}
	for _, step := range t.steps() {
		t.announce(step.title)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("step %d, %q: %w", t.step, step.title, err)
		}
	}
	fmt.Printf("\nAll as told, in %.0f seconds. The tenant saw %d calls, %d of them token requests.\n",
		time.Since(begin).Seconds(), len(tenant.Journal()), tenant.Count(mdesim.OpToken))
	return nil
}
