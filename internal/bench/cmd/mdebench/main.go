// Command mdebench measures the provider with real Terraform against a
// simulated tenant and prints a Markdown table. It fails when a run makes more
// calls than its budget allows; time and memory depend on the machine and are
// for the reader to judge.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/bench"
)

const module = "github.com/mde-as-code/terraform-provider-mde"

func main() {
	log.SetFlags(0)
	terraform := flag.String("terraform", "terraform", "path of terraform or tofu")
	full := flag.Bool("full", false, "run every scenario, which takes an hour or so")
	only := flag.String("run", "", "run the scenarios of the full list whose name matches this regular expression")
	repeat := flag.Int("repeat", 1, "run each scenario so often, and take the least time and the most of all else")
	list := flag.Bool("list", false, "list the scenarios and run none")
	flag.Parse()
	scenarios, err := choose(*full, *only)
	if err != nil {
		log.Fatal(err)
	}
	if *list {
		for _, scenario := range scenarios {
			fmt.Println(scenario)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *terraform, *repeat, scenarios); err != nil {
		stop()
		log.Fatal(err)
	}
}

// choose selects scenarios.
func choose(full bool, only string) ([]bench.Scenario, error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	var chosen []bench.Scenario
	for _, scenario := range bench.Scenarios(full || only != "") {
		if pattern.MatchString(scenario.String()) {
			chosen = append(chosen, scenario)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario matches %q; -full -list names them", only)
	}
	return chosen, nil
}

func run(ctx context.Context, terraform string, repeat int, scenarios []bench.Scenario) error {
	dir, err := os.MkdirTemp("", "mdebench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench.Bench{
		Dir: dir, Terraform: terraform, Progress: os.Stderr, Repeat: repeat,
		Env: []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()},
	}
	for _, program := range []struct {
		path *string
		name string
		of   string
	}{
		{&b.Provider, "provider", module},
		{&b.Empty, "empty", module + "/internal/bench/cmd/emptyprovider"},
		{&b.Measure, "measure", module + "/internal/bench/cmd/measure"},
	} {
		*program.path = filepath.Join(dir, program.name)
		if output, err := exec.CommandContext(ctx, "go", "build", "-o", *program.path, program.of).CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", program.of, err, output)
		}
	}
	fmt.Println(machine(ctx, terraform))
	rows, failed := measure(ctx, b, scenarios)
	bench.WriteTable(os.Stdout, rows)
	fmt.Println()
	for _, remark := range bench.Remarks(rows) {
		fmt.Println("- " + remark)
	}
	for _, verdict := range bench.Verdicts(rows) {
		failed = errors.Join(failed, errors.New("over budget: "+verdict))
	}
	return failed
}

// measure goes on after a scenario that fails: the others took long enough.
func measure(ctx context.Context, b *bench.Bench, scenarios []bench.Scenario) ([]bench.Row, error) {
	var rows []bench.Row
	var failed error
	for _, scenario := range scenarios {
		some, err := b.Run(ctx, scenario)
		rows = append(rows, some...)
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return rows, failed
}

// machine says when and on what the figures were measured.
func machine(ctx context.Context, terraform string) string {
	line := fmt.Sprintf("%s, %d cores, %s/%s, %s", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	if output, err := exec.CommandContext(ctx, terraform, "version").Output(); err == nil {
		name, _, _ := strings.Cut(string(output), "\n")
		line += ", " + name
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		line += ", load at the start " + strings.Join(strings.Fields(string(load))[:3], " ")
	}
	return line
}
