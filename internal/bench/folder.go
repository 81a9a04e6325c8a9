package bench

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// version is under which Terraform finds the providers.
const version = "0.0.1"

// folder is a working folder in which Terraform runs one of the providers.
type folder struct {
	dir       string
	terraform string
	env       []string
}

// newFolder makes a working folder whose provider is the binary, run by the
// measuring one.
func newFolder(parent, terraform, measure, binary string, env []string) (*folder, error) {
	dir, err := os.MkdirTemp(parent, "run")
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir, terraform: terraform}
	f.env = append(env, "HOME="+dir, "CHECKPOINT_DISABLE=1", "MDEBENCH_PROVIDER="+binary, "MDEBENCH_USAGE="+f.path("usage"))
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		mirror := f.path("terraform.d/plugins", host, "mde-as-code/mde", version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(mirror, 0o755); err != nil {
			return nil, err
		}
		if err := os.Symlink(measure, filepath.Join(mirror, "terraform-provider-mde_v"+version)); err != nil {
			return nil, err
		}
	}
	return f, os.Mkdir(f.path("usage"), 0o755)
}

func (f *folder) path(name ...string) string {
	return filepath.Join(append([]string{f.dir}, name...)...)
}

// measured is what a command took.
type measured struct {
	wall time.Duration
	// cpu is what Terraform and the provider took together.
	cpu time.Duration
	// provider is what its processes took.
	provider Usage
}

// run runs a Terraform command that must end well.
func (f *folder) run(ctx context.Context, args ...string) (measured, error) {
	begin := time.Now()
	cmd := exec.CommandContext(ctx, f.terraform, args...)
	cmd.Dir, cmd.Env = f.dir, f.env
	// Terraform that is killed leaves its provider behind.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	output, err := cmd.CombinedOutput()
	took := measured{wall: time.Since(begin)}
	if cmd.ProcessState != nil {
		took.cpu = UsageOf(cmd.ProcessState).CPU
	}
	if err != nil {
		const enough = 4_000
		return took, fmt.Errorf("terraform %s: %w\n%s", strings.Join(args, " "), err, output[:min(len(output), enough)])
	}
	took.provider, err = collect(f.path("usage"))
	return took, err
}

// inputs are what a configuration is made of.
type inputs struct {
	scenario Scenario
	action   string
	// firstNote is that of the first value.
	firstNote string
	// block is the body of the provider block.
	block string
}

// write puts the configuration into the folder: the values in a CSV file, as a
// feed comes.
func (f *folder) write(in inputs) error {
	var feed strings.Builder
	rows := csv.NewWriter(&feed)
	lines := [][]string{{"value", "note"}}
	for i := range in.scenario.Size {
		lines = append(lines, []string{value(i), note(i)})
	}
	lines[1][1] = in.firstNote
	if err := rows.WriteAll(lines); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(f.path("feed.csv"), []byte(feed.String()), 0o600),
		os.WriteFile(f.path("main.tf"), []byte(in.config()), 0o600),
	)
}

// value makes a hash of a number.
func value(i int) string {
	sum := sha256.Sum256(fmt.Append(nil, i))
	return hex.EncodeToString(sum[:])
}

// config is the configuration in the form of the scenario.
func (in inputs) config() string {
	const notes = "{ for row in local.rows : row.value => row.note }"
	var body string
	switch in.scenario.Shape {
	case Set:
		body = setBody(notes)
	case Count:
		body = singleBody("count = length(local.rows)", "local.rows[count.index].value", "local.rows[count.index].note")
	case ForEach, Alone:
		body = singleBody("for_each = "+notes, "each.key", "each.value")
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    mde = { source = "mde-as-code/mde" }
  }
}

provider "mde" {
%s}

locals {
  rows = csvdecode(file("feed.csv"))
}

%s  action      = %q
  title       = "Feed"
  application = "bench"
}
`, in.block, body, in.action)
}

func setBody(notes string) string {
	return fmt.Sprintf(`resource "mde_indicator_set" "this" {
  indicators  = %s
  description = "Hash from the feed."
`, notes)
}

func singleBody(repeat, value, note string) string {
	return fmt.Sprintf(`resource "mde_indicator" "this" {
  %s
  indicator_type  = "FileSha256"
  indicator_value = %s
  description     = %s
`, repeat, value, note)
}

// note is what the feed says of a value.
func note(i int) string { return fmt.Sprintf("Sample %d", i) }
