package bench

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// Usage is what a process, or several, took of the machine.
type Usage struct {
	// CPU is user and system time, 0 where nothing is known.
	CPU time.Duration `json:"cpu"`
	// Peak is the largest resident size of any of them in bytes, 0 where the
	// system does not tell.
	Peak int64 `json:"peak"`
}

// UsageOf returns what a process that has ended took.
func UsageOf(state *os.ProcessState) Usage {
	return Usage{CPU: state.UserTime() + state.SystemTime(), Peak: peak(state)}
}

// plus adds processes that ran one after the other.
func (u Usage) plus(other Usage) Usage {
	return Usage{CPU: u.CPU + other.CPU, Peak: max(u.Peak, other.Peak)}
}

// Save leaves the usage in a file of its own in the folder.
func (u Usage) Save(dir string) error {
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, "*.json")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// collect adds up what was saved in the folder, and removes it.
func collect(dir string) (Usage, error) {
	var sum Usage
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return sum, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return sum, err
		}
		var one Usage
		if err := json.Unmarshal(text, &one); err != nil {
			return sum, err
		}
		if err := os.Remove(path); err != nil {
			return sum, err
		}
		sum = sum.plus(one)
	}
	return sum, nil
}
