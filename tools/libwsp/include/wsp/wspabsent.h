/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of Windows' that are not here (W-05), so that who makes one is told by its
 * name: files, pipes, processes, completion ports, timers, the registry, windows, COM.
 */
#pragma GCC system_header
#ifndef WSP_WSPABSENT_H
#define WSP_WSPABSENT_H

#ifdef __cplusplus
#define WSP_ABSENT(name) extern "C" int name(...) __attribute__((__error__( \
	"libwsp has no such call: Documentation/porting.rst")))
#else
#define WSP_ABSENT(name) int name() __attribute__((__error__( \
	"libwsp has no such call: Documentation/porting.rst")))
#endif
#define WSP_ABSENT_AW(name) \
	WSP_ABSENT(name); WSP_ABSENT(name##A); WSP_ABSENT(name##W)

WSP_ABSENT_AW(CreateFile);
WSP_ABSENT_AW(CreateFileMapping);
WSP_ABSENT_AW(DeleteFile);
WSP_ABSENT_AW(MoveFile);
WSP_ABSENT_AW(MoveFileEx);
WSP_ABSENT_AW(CopyFile);
WSP_ABSENT_AW(CreateDirectory);
WSP_ABSENT_AW(RemoveDirectory);
WSP_ABSENT(SetCurrentDirectoryW);
WSP_ABSENT_AW(GetCurrentDirectory);
WSP_ABSENT_AW(FindFirstFile);
WSP_ABSENT_AW(FindNextFile);
WSP_ABSENT_AW(GetFileAttributes);
WSP_ABSENT_AW(GetTempPath);
WSP_ABSENT_AW(GetTempFileName);
WSP_ABSENT_AW(GetModuleFileName);
WSP_ABSENT_AW(GetWindowsDirectory);
WSP_ABSENT_AW(CreateNamedPipe);
WSP_ABSENT_AW(CallNamedPipe);
WSP_ABSENT_AW(WaitNamedPipe);
WSP_ABSENT_AW(CreateProcess);
WSP_ABSENT_AW(CreateMutex);
WSP_ABSENT_AW(OpenMutex);
WSP_ABSENT_AW(CreateSemaphore);
WSP_ABSENT_AW(OpenEvent);
WSP_ABSENT_AW(CreateWaitableTimer);
WSP_ABSENT_AW(ExpandEnvironmentStrings);
WSP_ABSENT_AW(GetUserName);
WSP_ABSENT_AW(OutputDebugString);
WSP_ABSENT(ReadFile);
WSP_ABSENT(ReadFileEx);
WSP_ABSENT(WriteFile);
WSP_ABSENT(WriteFileEx);
WSP_ABSENT(FlushFileBuffers);
WSP_ABSENT(SetFilePointer);
WSP_ABSENT(SetFilePointerEx);
WSP_ABSENT(SetEndOfFile);
WSP_ABSENT(GetFileSize);
WSP_ABSENT(GetFileSizeEx);
WSP_ABSENT(GetFileType);
WSP_ABSENT(GetFileTime);
WSP_ABSENT(SetFileTime);
WSP_ABSENT(LockFileEx);
WSP_ABSENT(UnlockFile);
WSP_ABSENT(FindClose);
WSP_ABSENT(MapViewOfFile);
WSP_ABSENT(UnmapViewOfFile);
WSP_ABSENT(CreatePipe);
WSP_ABSENT(ConnectNamedPipe);
WSP_ABSENT(DisconnectNamedPipe);
WSP_ABSENT(PeekNamedPipe);
WSP_ABSENT(SetNamedPipeHandleState);
WSP_ABSENT(GetStdHandle);
WSP_ABSENT(SetStdHandle);
WSP_ABSENT(ReadConsoleInput);
WSP_ABSENT(SetConsoleMode);
WSP_ABSENT(GetConsoleMode);
WSP_ABSENT(SetConsoleCtrlHandler);
WSP_ABSENT(OpenProcess);
WSP_ABSENT(TerminateProcess);
WSP_ABSENT(GetExitCodeProcess);
WSP_ABSENT(CreateIoCompletionPort);
WSP_ABSENT(GetQueuedCompletionStatus);
WSP_ABSENT(GetQueuedCompletionStatusEx);
WSP_ABSENT(PostQueuedCompletionStatus);
WSP_ABSENT(DeviceIoControl);
WSP_ABSENT(BindIoCompletionCallback);
WSP_ABSENT(RegisterWaitForSingleObject);
WSP_ABSENT(UnregisterWait);
WSP_ABSENT(UnregisterWaitEx);
WSP_ABSENT(QueueUserWorkItem);
WSP_ABSENT(QueueUserAPC);
WSP_ABSENT(ReleaseMutex);
WSP_ABSENT(ReleaseSemaphore);
WSP_ABSENT(SetWaitableTimer);
WSP_ABSENT(CancelWaitableTimer);
WSP_ABSENT(SuspendThread);
WSP_ABSENT(ResumeThread);
WSP_ABSENT(DuplicateHandle);
WSP_ABSENT(VirtualProtect);
WSP_ABSENT(GetVersion);
WSP_ABSENT(SetErrorMode);
WSP_ABSENT(GetCommState);
WSP_ABSENT(SetCommState);
WSP_ABSENT(SetCommTimeouts);
WSP_ABSENT(PurgeComm);

#ifndef NOUSER
WSP_ABSENT_AW(CreateWindow);
WSP_ABSENT_AW(FindWindow);
WSP_ABSENT_AW(SendMessage);
WSP_ABSENT_AW(CreateWindowEx);
WSP_ABSENT_AW(DefWindowProc);
WSP_ABSENT_AW(DispatchMessage);
WSP_ABSENT_AW(GetMessage);
WSP_ABSENT_AW(MessageBox);
WSP_ABSENT_AW(PeekMessage);
WSP_ABSENT_AW(PostMessage);
WSP_ABSENT_AW(RegisterClass);
WSP_ABSENT_AW(RegisterClassEx);
WSP_ABSENT(DestroyWindow);
WSP_ABSENT(MsgWaitForMultipleObjects);
WSP_ABSENT(PostQuitMessage);
WSP_ABSENT(TranslateMessage);
#endif

WSP_ABSENT_AW(RegCreateKeyEx);
WSP_ABSENT_AW(RegDeleteKey);
WSP_ABSENT_AW(RegEnumKeyEx);
WSP_ABSENT_AW(RegOpenKey);
WSP_ABSENT_AW(RegOpenKeyEx);
WSP_ABSENT_AW(RegQueryValueEx);
WSP_ABSENT_AW(RegSetValueEx);
WSP_ABSENT(RegCloseKey);

WSP_ABSENT(CoCreateInstance);
WSP_ABSENT(CoInitialize);
WSP_ABSENT(CoInitializeEx);
WSP_ABSENT(CoUninitialize);

#endif /* WSP_WSPABSENT_H */
