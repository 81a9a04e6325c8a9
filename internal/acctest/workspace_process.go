package acctest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Process is a terraform command that runs.
type Process struct {
	t      *testing.T
	cmd    *exec.Cmd
	log    string
	output buffer
	done   chan struct{}
	err    error // valid once done is closed
}

// Output returns what the command has printed so far.
func (p *Process) Output() string {
	return p.output.String()
}

// Log returns what the command has logged so far, at TRACE.
func (p *Process) Log() string {
	p.t.Helper()
	log, err := readLog(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	return log
}

// Wait waits for the command's end and returns what it printed; the error is
// an *exec.ExitError when it failed.
func (p *Process) Wait() (string, error) {
	<-p.done
	return p.Output(), p.err
}

// Interrupt does what Ctrl-C does: Terraform asks the provider to stop and
// saves the state.
func (p *Process) Interrupt() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatalf("interrupting terraform: %v", err)
	}
}

// Kill kills Terraform and its providers without a chance to save anything, as
// a CI job that is cancelled does, and waits for the end. It does nothing to a
// command that has ended.
func (p *Process) Kill() {
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.cmd.Process.Kill() // It may have ended by itself since.
	p.killProviders()
	<-p.done
}

// KillProvider kills the provider under Terraform, which lives on.
func (p *Process) KillProvider() {
	p.t.Helper()
	if p.killProviders() == 0 {
		p.t.Fatalf("no provider runs under terraform:\n%s", p.Output())
	}
}

// killProviders kills the provider processes that the log tells of, which
// needs nothing of the operating system, and returns how many there were.
func (p *Process) killProviders() int {
	killed := 0
	for _, pid := range livingProviders(p.Log()) {
		if process, err := os.FindProcess(pid); err == nil && process.Kill() == nil {
			killed++
		}
	}
	return killed
}

var pluginEvent = regexp.MustCompile(`provider: plugin (started|process exited): .*pid=(\d+)`)

// livingProviders returns the process ids that a trace log shows as started
// and not as ended.
func livingProviders(log string) []int {
	var pids []int
	for _, match := range pluginEvent.FindAllStringSubmatch(log, -1) {
		pid, err := strconv.Atoi(match[2])
		if err != nil {
			continue
		}
		if match[1] == "started" {
			pids = append(pids, pid)
			continue
		}
		pids = slices.DeleteFunc(pids, func(other int) bool { return other == pid })
	}
	return pids
}

// Eventually waits until the condition holds, and fails the test when it does
// not within a minute. what completes the sentence "timed out waiting for".
func Eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

// readLog reads a trace log, which is empty until Terraform first writes it.
func readLog(path string) (string, error) {
	log, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(log), err
}

// buffer collects output while others look at it.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
