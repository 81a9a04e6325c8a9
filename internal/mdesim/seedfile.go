package mdesim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Seed is a tenant's content, for a seed file or POST /sim/seed. Durations are
// texts such as "30s".
type Seed struct {
	Indicators     []Indicator          `json:"indicators"`
	LibraryFiles   []SeedFile           `json:"libraryFiles"`
	Machines       []Machine            `json:"machines"`
	MachineActions []MachineAction      `json:"machineActions"`
	Scripts        map[string]SeedReply `json:"scripts"`
	DeviceFiles    []SeedDeviceFile     `json:"deviceFiles"`
	// Offline are the ids of the machines that are off the network.
	Offline []string `json:"offline"`
	// FailItems are indicator values that the service refuses.
	FailItems []string `json:"failItems"`
}

// SeedFile is a library file whose content is either text or base64.
type SeedFile struct {
	FileName              string    `json:"fileName"`
	Text                  string    `json:"text"`
	Content               []byte    `json:"content"`
	Description           string    `json:"description"`
	HasParameters         bool      `json:"hasParameters"`
	ParametersDescription string    `json:"parametersDescription"`
	CreatedBy             string    `json:"createdBy"`
	CreationTime          time.Time `json:"creationTime"`
	LastUpdatedTime       time.Time `json:"lastUpdatedTime"`
}

// SeedReply is a [ScriptResult].
type SeedReply struct {
	ScriptResult
	Duration span `json:"duration"`
}

// SeedDeviceFile is a file for GetFile to find.
type SeedDeviceFile struct {
	MachineID string `json:"machineId"`
	Path      string `json:"path"`
	Text      string `json:"text"`
}

// span is a duration written as text.
type span time.Duration

// UnmarshalText reads a duration such as 1h30m.
func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = span(d)
	return err
}

// DecodeSeed reads a seed in JSON or YAML. A name that no seed has is an error,
// and so is nothing at all: a YAML file that curl --data has put into one line,
// behind its first comment, says nothing.
func DecodeSeed(data []byte) (Seed, error) {
	if json.Valid(data) {
		return decodeStrictly[Seed](data)
	}
	var content map[string]any
	if err := yaml.Unmarshal(data, &content); err != nil {
		return Seed{}, fmt.Errorf("it is neither JSON nor YAML: %w", err)
	}
	if content == nil {
		return Seed{}, errors.New("it is empty")
	}
	data, err := json.Marshal(content)
	if err != nil {
		return Seed{}, err
	}
	return decodeStrictly[Seed](data)
}

// decodeStrictly decodes JSON that has no unknown name.
func decodeStrictly[T any](data []byte) (T, error) {
	var into T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		or(&wrong.Field, "the whole")
		err = fmt.Errorf("%s cannot be a %s; a text made of digits needs quotes", wrong.Field, wrong.Value)
	case err != nil:
		err = errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return into, err
}

// Seed adds content to the tenant, in place of what is the same: given twice, it
// is there once.
func (s *Server) Seed(seed Seed) {
	s.SeedIndicators(s.tenant.inPlace(seed.Indicators)...)
	for _, file := range seed.LibraryFiles {
		s.seedFile(file)
	}
	s.SeedMachines(seed.Machines...)
	s.SeedMachineActions(seed.MachineActions...)
	for name, reply := range seed.Scripts {
		reply.ScriptResult.Duration = time.Duration(reply.Duration)
		s.SetScript(name, reply.ScriptResult)
	}
	for _, file := range seed.DeviceFiles {
		s.SetDeviceFile(file.MachineID, file.Path, []byte(file.Text))
	}
	for _, id := range seed.Offline {
		s.SetOffline(id, true)
	}
	if seed.FailItems != nil {
		s.FailItems(seed.FailItems...)
	}
}

// inPlace gives each record the id of the one that has its key, if any.
func (t *tenant) inPlace(records []Indicator) []Indicator {
	_, leave := t.enter()
	defer leave()
	placed := make([]Indicator, len(records))
	for n, i := range records {
		i = seeded(i)
		or(&i.ID, t.keys[t.options.keyOf(&i)])
		placed[n] = i
	}
	return placed
}

func (s *Server) seedFile(file SeedFile) {
	content := file.Content
	if file.Text != "" {
		content = []byte(file.Text)
	}
	s.SeedLibraryFile(file.FileName, content, func(stored *LibraryFile) {
		stored.Description = file.Description
		stored.HasParameters, stored.ParametersDescription = file.HasParameters, file.ParametersDescription
		or(&file.CreatedBy, stored.CreatedBy)
		or(&file.CreationTime, stored.CreationTime)
		or(&file.LastUpdatedTime, stored.LastUpdatedTime)
		stored.CreatedBy, stored.CreationTime, stored.LastUpdatedTime = file.CreatedBy, file.CreationTime, file.LastUpdatedTime
	})
}
