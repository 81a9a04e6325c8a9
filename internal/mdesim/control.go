package mdesim

import (
	"encoding/json"
	"net/http"
	"time"
)

// Seed is a tenant's content as JSON, for a seed file or POST /sim/seed.
// Durations are texts such as "30s".
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
	LibraryFile
	Text string `json:"text"`
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

// Seed adds content to the tenant.
func (s *Server) Seed(seed Seed) {
	s.SeedIndicators(seed.Indicators...)
	for _, file := range seed.LibraryFiles {
		content := file.Content
		if file.Text != "" {
			content = []byte(file.Text)
		}
		s.SeedLibraryFile(file.FileName, content, func(stored *LibraryFile) {
			stored.Description = file.Description
			stored.HasParameters, stored.ParametersDescription = file.HasParameters, file.ParametersDescription
		})
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

// tenantView is the answer to GET /sim/state.
type tenantView struct {
	Now            time.Time       `json:"now"`
	Indicators     []Indicator     `json:"indicators"`
	LibraryFiles   []LibraryFile   `json:"libraryFiles"`
	Machines       []Machine       `json:"machines"`
	MachineActions []MachineAction `json:"machineActions"`
	Executed       []Execution     `json:"executed"`
}

// controlRoutes steer the simulator; they are no part of the API and ask for
// no token.
func (s *Server) controlRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "journal", handle: s.showJournal},
		{method: http.MethodGet, path: "state", handle: s.showState},
		{method: http.MethodPost, path: "seed", handle: s.postSeed},
		{method: http.MethodPost, path: "reset", handle: s.postReset},
		{method: http.MethodPost, path: "advance", handle: s.postAdvance},
		{method: http.MethodPost, path: "faults", handle: s.postFault},
		{method: http.MethodDelete, path: "faults", handle: s.deleteFaults},
		{method: http.MethodPost, path: "library/{name}", handle: s.swapLibraryFile},
		{method: http.MethodDelete, path: "library/{name}", handle: s.dropLibraryFile},
		{method: http.MethodDelete, path: "indicators/{id}", handle: s.dropIndicator},
	}
}

func (s *Server) showJournal(*request) response {
	type call struct {
		Call
		Body string `json:"body"`
	}
	calls := []call{}
	for _, entry := range s.Journal() {
		calls = append(calls, call{Call: entry, Body: string(entry.Body)})
	}
	return answer(http.StatusOK, typeJSON, calls)
}

func (s *Server) showState(*request) response {
	return answer(http.StatusOK, typeJSON, tenantView{
		Now: s.Now(), Indicators: s.Indicators(), LibraryFiles: s.LibraryFiles(), Machines: s.tenant.machines(),
		MachineActions: s.MachineActions(), Executed: s.Executed(),
	})
}

func (s *Server) postSeed(r *request) response {
	return steer(r, func(seed Seed) { s.Seed(seed) })
}

func (s *Server) postReset(*request) response {
	s.Reset()
	return done()
}

func (s *Server) postAdvance(r *request) response {
	type step struct {
		By span `json:"by"`
	}
	return steer(r, func(in step) { s.Advance(time.Duration(in.By)) })
}

func (s *Server) postFault(r *request) response {
	type rule struct {
		Fault
		Delay span `json:"delay"`
	}
	return steer(r, func(in rule) {
		in.Fault.Delay = time.Duration(in.Delay)
		s.AddFault(in.Fault)
	})
}

func (s *Server) deleteFaults(*request) response {
	s.ClearFaults()
	return done()
}

// swapLibraryFile stores the body as that file, as somebody in the portal would.
func (s *Server) swapLibraryFile(r *request) response {
	s.SeedLibraryFile(r.params["name"], r.body, nil)
	return done()
}

func (s *Server) dropLibraryFile(r *request) response {
	s.RemoveLibraryFile(r.params["name"])
	return done()
}

func (s *Server) dropIndicator(r *request) response {
	s.RemoveIndicator(r.params["id"])
	return done()
}

func done() response { return response{status: http.StatusNoContent} }

// steer decodes the JSON body and acts on it.
func steer[T any](r *request, act func(T)) response {
	var in T
	if err := json.Unmarshal(r.body, &in); err != nil {
		return failed(badRequest("InvalidRequestBody", "Request body is incorrect: %s.", err))
	}
	act(in)
	return done()
}
