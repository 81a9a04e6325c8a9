package mdesim

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SeedIndicators stores records that somebody else made, whatever they say, and
// returns their ids. What they lack is given the service's defaults.
func (s *Server) SeedIndicators(records ...Indicator) []string {
	t := s.tenant
	now, leave := t.enter()
	defer leave()
	ids := make([]string, len(records))
	for n, i := range records {
		i = seeded(i)
		or(&i.CreationTimeDateTimeUTC, now.Add(-time.Hour))
		or(&i.LastUpdateTime, i.CreationTimeDateTimeUTC)
		if i.ID == "" {
			i.ID = t.newIndicatorID()
		} else if number, err := strconv.Atoi(i.ID); err == nil {
			t.LastIndicator = max(t.LastIndicator, number)
		}
		t.keep(i)
		ids[n] = i.ID
	}
	return ids
}

// seeded is a record with the defaults that do not depend on the time.
func seeded(i Indicator) Indicator {
	i = clone(i)
	or(&i.Title, "seeded")
	or(&i.Description, "seeded")
	or(&i.Action, "Block")
	or(&i.IndicatorType, "DomainName")
	or(&i.Severity, "Informational")
	i.GenerateAlert = i.GenerateAlert || demandsAlert(i.Action)
	or(&i.CreatedBy, otherOwner)
	or(&i.CreatedByDisplayName, i.CreatedBy)
	or(&i.CreatedBySource, "Portal")
	return i
}

// Indicators returns every unexpired record, by id.
func (s *Server) Indicators() []Indicator {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	records := make([]Indicator, 0, len(t.Indicators))
	for _, i := range t.Indicators {
		records = append(records, clone(*i))
	}
	sortByID(records)
	return records
}

// EditIndicator changes a record as somebody in the portal would. An unknown id
// is left alone.
func (s *Server) EditIndicator(id string, edit func(*Indicator)) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	old, ok := t.Indicators[id]
	if !ok {
		return
	}
	changed := clone(*old)
	edit(&changed)
	t.forget(id)
	t.keep(changed)
}

// RemoveIndicator deletes a record behind everybody's back.
func (s *Server) RemoveIndicator(id string) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	if t.Indicators[id] != nil {
		t.forget(id)
	}
}

// FailItems makes the service refuse these indicator values: isFailed in an
// import, 400 elsewhere. Without values nothing is refused any more.
func (s *Server) FailItems(values ...string) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	t.FailItems = map[string]bool{}
	for _, value := range values {
		t.FailItems[value] = true
	}
}

// SeedLibraryFile stores a file that somebody else uploaded, in place of one of
// that name. edit may be nil.
func (s *Server) SeedLibraryFile(name string, content []byte, edit func(*LibraryFile)) {
	t := s.tenant
	now, leave := t.enter()
	defer leave()
	file := LibraryFile{FileName: name, CreationTime: now, CreatedBy: otherOwner}
	if old := t.Library[t.fileKey(name)]; old != nil {
		file = *old
	}
	file.Content, file.SHA256, file.LastUpdatedTime = bytes.Clone(content), hashOf(content), now
	if edit != nil {
		edit(&file)
	}
	t.Library[t.fileKey(name)] = &file
	delete(t.late, t.fileKey(name)) // What others did a while ago is listed.
}

// LibraryFiles returns the library with its contents, by name.
func (s *Server) LibraryFiles() []LibraryFile { return s.tenant.libraryFiles() }

// RemoveLibraryFile deletes a file behind everybody's back.
func (s *Server) RemoveLibraryFile(name string) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	delete(t.Library, t.fileKey(name))
}

// SeedMachines adds devices. What they lack is that of an idle Windows client.
func (s *Server) SeedMachines(machines ...Machine) {
	t := s.tenant
	now, leave := t.enter()
	defer leave()
	for _, machine := range machines {
		t.addMachine(machine, now)
	}
}

// RemoveMachine takes a device out of the inventory.
func (s *Server) RemoveMachine(id string) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	delete(t.Machines, strings.ToLower(id))
}

// SetScript says what running that library file gives.
func (s *Server) SetScript(name string, script ScriptResult) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	t.Scripts[t.fileKey(name)] = script
}

// SetDeviceFile puts a file on a device, for GetFile to find.
func (s *Server) SetDeviceFile(machineID, path string, content []byte) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	t.setDeviceFile(strings.ToLower(machineID), path, bytes.Clone(content))
}

// SetOffline takes a device off the network, or brings it back: its runs stay
// pending meanwhile. A run that has begun goes on.
func (s *Server) SetOffline(machineID string, offline bool) {
	t := s.tenant
	now, leave := t.enter()
	defer leave()
	machineID = strings.ToLower(machineID)
	t.Offline[machineID] = offline
	for _, r := range t.Runs {
		if r.Action.MachineID != machineID || r.Action.Status != statusPending || r.Action.Type != liveResponse {
			continue
		}
		r.Due = time.Time{}
		if t.online(machineID) {
			r.Due = now.Add(t.options.Timing.Start)
		}
	}
}

// BeginPortalSession occupies a device from the portal, until end is called.
func (s *Server) BeginPortalSession(machineID string) (end func()) {
	machineID = strings.ToLower(machineID)
	s.occupy(machineID, 1)
	return func() { s.occupy(machineID, -1) }
}

func (s *Server) occupy(machineID string, by int) {
	_, leave := s.tenant.enter()
	defer leave()
	s.tenant.PortalSessions[machineID] += by
}

// SeedMachineActions adds actions of the past, or unfinished ones that only a
// cancel will end.
func (s *Server) SeedMachineActions(actions ...MachineAction) {
	t := s.tenant
	now, leave := t.enter()
	defer leave()
	for _, action := range actions {
		or(&action.ID, newGUID())
		or(&action.Status, statusSucceeded)
		or(&action.CreationDateTimeUTC, now)
		or(&action.LastUpdateDateTimeUTC, action.CreationDateTimeUTC)
		or(&action.RequestSource, "Portal")
		or(&action.Requestor, otherOwner)
		if machine := t.Machines[action.MachineID]; machine != nil {
			or(&action.ComputerDNSName, machine.ComputerDNSName)
		}
		t.Runs = append(t.Runs, &run{Action: cloneAction(action)})
	}
}

// MachineActions returns every machine action, oldest first.
func (s *Server) MachineActions() []MachineAction {
	actions := s.tenant.actions()
	slices.Reverse(actions)
	return actions
}

// RemoveMachineAction forgets an action, as the service does after retention.
func (s *Server) RemoveMachineAction(id string) {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	t.Runs = slices.DeleteFunc(t.Runs, func(r *run) bool { return strings.EqualFold(r.Action.ID, id) })
}

// Executed returns the commands that devices really began to run, by time.
func (s *Server) Executed() []Execution {
	t := s.tenant
	_, leave := t.enter()
	defer leave()
	executed := slices.Clone(t.Executed)
	slices.SortStableFunc(executed, func(a, b Execution) int { return a.At.Compare(b.At) })
	return executed
}
